#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fleet/launch.hpp"
#include "fleet/life_cycle.hpp"

namespace fleet {

/// Puts one fact into a record. Its functions are in learn_attempts, learn_machines, learn_dns,
/// learn_images and retirement, by what the facts are about.
class Learner {
  public:
    Learner(Step& step, Time at, const FleetView& view, Time now, const Policy& policy)
        : step_(step), record_(step.record), at_(at), view_(view), now_(now), policy_(policy) {}

    void operator()(const TimePassed&) const {}
    void operator()(const ActionFailed& fact);
    void operator()(const NotYet& fact);

    void operator()(const AttemptSending& fact);
    void operator()(const AttemptAnswered& fact);
    void operator()(const AttemptNotFound& fact);
    void operator()(const FleetAnswered& fact);
    void operator()(const AttemptRefused& fact);
    void operator()(const TemplateMade& fact);
    void operator()(const TemplateGone& fact);
    void operator()(const RequestDescribed& fact);
    void operator()(const RequestAbsent& fact);
    void operator()(const Fulfilled& fact);
    void operator()(const CancelSending& fact);
    void operator()(const CancelAnswered& fact);
    void operator()(const Adopted& fact);

    void operator()(const StateChanged& fact);
    void operator()(const MachineDescribed& fact);
    void operator()(const MachineAbsent& fact);
    void operator()(const Interrupted& fact);
    void operator()(const RebalanceAdvised& fact);
    void operator()(const Reported& fact);
    void operator()(const MachineTagged& fact);
    void operator()(const Released& fact);
    void operator()(const ProbePassed& fact);
    void operator()(const ProbeFailed& fact);
    void operator()(const StatusChecked& fact);
    void operator()(const ScheduledChange& fact);
    void operator()(const ScheduledChangeOver& fact);

    void operator()(const ZoneFound& fact);
    void operator()(const UpsertSending& fact);
    void operator()(const UpsertAccepted& fact);
    void operator()(const UpsertRefused& fact);
    void operator()(const ChangeInSync& fact);
    void operator()(const RecordDeleted& fact);
    void operator()(const RecordLeft& fact);
    void operator()(const DnsSeen& fact);

    void operator()(const ImageSending& fact);
    void operator()(const ImageAnswered& fact);
    void operator()(const ImageNotFound& fact);
    void operator()(const ImageRefused& fact);
    void operator()(const ImageTold& fact);
    void operator()(const ImageDescribed& fact);
    void operator()(const ImageAbsent& fact);
    void operator()(const ImageAnnounced& fact);
    void operator()(const ImageDeregistered& fact);
    void operator()(const SnapshotDeleted& fact);
    void operator()(const ImageAsked& fact);
    void operator()(const ImageTestAsked& fact);

    void operator()(const RetirementAsked& fact);
    void operator()(const ReplacementAsked& fact);
    void operator()(const PauseAsked& fact);
    void operator()(const ResumeAsked& fact);
    void operator()(const SpecChanged& fact);

  private:
    void note(std::string event, std::string text, const Launch* launch = nullptr);

    /// The action's next try comes after a wait that grows.
    void fail(const std::string& key, std::string_view reason);

    // Wishes.
    void demand(Reason reason, const std::string& text);

    // Attempts.
    Attempt* attempt_of(int generation, int number);
    void give_machine(Launch& launch, Attempt& attempt, const std::string& machine);
    void see_marked(const Launch& launch, const RequestDescribed& fact);
    void close(Launch& launch, Attempt& attempt, std::string_view reason);
    void adopt_launch(const Adopted& fact);
    void without_capacity(const std::vector<Pool>& pools);

    // Images.
    void see_image(Image& image, const ImageDescribed& fact);

    // DNS.
    void see_where_names_point();

    // Machines.
    bool claim(Launch& launch, Ec2State state);
    void see_described(Launch& launch, const MachineDescribed& fact);
    void see_state(Launch& launch, Ec2State state, std::optional<Time> lost_since = {});
    void see_surplus(const std::string& machine, Ec2State state);
    void end_trouble(const Launch& launch, std::optional<Time>& sign);
    std::string what_is_missing(const Launch& launch, Ec2State state) const;

    Step& step_;
    Record& record_;
    Time at_;
    const FleetView& view_;
    Time now_;
    const Policy& policy_;
};

/// Of two times that a thing is said to have happened first, the earlier.
void keep_earliest(std::optional<Time>& known, Time at);

}  // namespace fleet
