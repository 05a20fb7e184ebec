#pragma once

#include <prometheus/family.h>
#include <prometheus/registry.h>

#include "aws/client.hpp"

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace app {

/// Every attempt of an AWS call, by service, operation and outcome.
class AwsMetrics {
  public:
    explicit AwsMetrics(prometheus::Registry& registry);

    void observe(const aws::AttemptReport& report);

  private:
    prometheus::Family<prometheus::Counter>& calls_;
    prometheus::Family<prometheus::Histogram>& seconds_;
    prometheus::Family<prometheus::Histogram>& waits_;
};

}  // namespace app
