#include "app/aws_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

namespace app {

AwsMetrics::AwsMetrics(prometheus::Registry& registry)
    : calls_(prometheus::BuildCounter()
                 .Name("spot_manager_aws_calls_total")
                 .Help("Attempts of AWS calls, by service, operation and the class of their outcome.")
                 .Register(registry)),
      seconds_(prometheus::BuildHistogram()
                   .Name("spot_manager_aws_call_seconds")
                   .Help("How long attempts of AWS calls took, by service.")
                   .Register(registry)),
      waits_(prometheus::BuildHistogram()
                 .Name("spot_manager_aws_wait_seconds")
                 .Help("How long attempts of AWS calls waited for their turn, by service.")
                 .Register(registry)) {}

void AwsMetrics::observe(const aws::AttemptReport& report) {
    const std::string service(aws::to_string(report.service));
    calls_
        .Add({{"service", service},
              {"operation", report.operation},
              {"outcome", report.error ? std::string(aws::to_string(report.error->kind)) : "succeeded"}})
        .Increment();
    seconds_
        .Add({{"service", service}},
             prometheus::Histogram::BucketBoundaries{0.01, 0.05, 0.1, 0.5, 1, 5, 20, 30})
        .Observe(std::chrono::duration<double>(report.duration).count());
    waits_.Add({{"service", service}}, prometheus::Histogram::BucketBoundaries{0.001, 0.1, 0.5, 1, 5, 20})
        .Observe(std::chrono::duration<double>(report.waited).count());
}

}  // namespace app
