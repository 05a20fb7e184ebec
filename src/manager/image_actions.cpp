#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/ids.hpp"
#include "fleet/command.hpp"
#include "fleet/images.hpp"
#include "manager/actions.hpp"
#include "manager/refusal.hpp"
#include "manager/translate.hpp"

/// The actions about images of a name's machines.
namespace manager {

namespace asio = boost::asio;

using aws::ErrorClass;

/// Whether the image may be asked for, and this is durable: its machine may have got a notice since the
/// action was derived.
asio::awaitable<bool> Actions::begin_imaging(RecordPointer record, fleet::Action action) {
    const auto may = std::make_shared<bool>(false);
    const fleet::Fact sending{desk_.now(), fleet::ImageSending{action.image}};
    const auto done = co_await desk_.run([=, &policy = settings_.policy](fleet::Reception& reception,
                                                                         fleet::Ledger& ledger) {
        const auto now = ledger.find(record->name());
        *may =
            now && *now && (*now)->uid == record->uid &&
            std::ranges::any_of(fleet::pending(**now, sending.at, policy), [&](const fleet::Action& pending) {
                return pending.kind == action.kind && pending.key == action.key;
            });
        if (*may) {
            reception.tell(record->name(), sending);
        }
    });
    co_return done && *may;
}

asio::awaitable<ActionResult> Actions::create_image(RecordPointer record, fleet::Action action) {
    const auto* image = fleet::find_image(*record, action.image);
    if (!image) {
        co_return ActionResult{.reason = "the image is gone from the chain"};
    }
    if (!co_await begin_imaging(record, action)) {
        co_return ActionResult{.reason = "it cannot be stored, or is not wanted any more"};
    }
    const auto answer =
        co_await ec2_.create_image(to_image_input(*record, *image, desk_.store().id()), options_for(action));
    std::vector<fleet::Fact> facts;
    if (answer) {
        facts.push_back({desk_.now(), fleet::ImageAnswered{action.image, *answer}});
        co_return co_await succeed(record, std::move(facts));
    }
    if (is_refusal(answer.error())) {
        const auto reason = image_refusal(answer.error());
        const fleet::Fact refused{desk_.now(), fleet::ImageRefused{action.image, reason}};
        co_await desk_.tell(record->name(), refused);
        co_return ActionResult{.reason = reason};
    }
    // It may have been taken, now or by a send whose answer was lost: it is looked up by its name.
    co_return co_await fail(record, action, aws::describe(answer.error()));
}

asio::awaitable<ActionResult> Actions::follow_image(RecordPointer record, fleet::Action action) {
    const auto* image = fleet::find_image(*record, action.image);
    if (!image) {
        co_return ActionResult{.reason = "the image is gone from the chain"};
    }
    if (image->id.empty()) {
        co_return co_await look_up_image(record, action);
    }
    const auto asked = desk_.now();
    std::vector<std::string> ids{image->id};
    const auto found = co_await ec2_.describe_images_by_id(std::move(ids), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    if (found->empty()) {
        facts.push_back({asked, fleet::ImageAbsent{image->id}});
    } else {
        facts.push_back({asked, to_fact(found->front())});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::look_up_image(RecordPointer record, fleet::Action action) {
    const auto* image = fleet::find_image(*record, action.image);
    std::vector<aws::Filter> filters;
    filters.push_back({.name = "name", .values = {image->ami_name}});
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_images(std::move(filters), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    if (found->empty()) {
        facts.push_back({asked, fleet::ImageNotFound{action.image}});
    } else {
        facts.push_back({asked, fleet::ImageAnswered{action.image, found->front().id}});
        facts.push_back({asked, to_fact(found->front())});
    }
    co_return co_await succeed(record, std::move(facts));
}

/// What other tools can tell is told the same way: through the queue, signed.
asio::awaitable<ActionResult> Actions::announce_image(RecordPointer record, fleet::Action action) {
    const auto* image = fleet::find_image(*record, action.image);
    if (!image || image->id.empty()) {
        co_return ActionResult{.reason = "the image is gone from the chain"};
    }
    const auto payload =
        boost::json::serialize(base::to_json(fleet::ImageOrder{record->name(), record->uid, image->id}));
    const auto published = co_await publish_(
        fleet::sign_command(settings_.rules.key, fleet::word(fleet::MessageKind::image_created),
                            base::new_uid(), desk_.now(), payload));
    if (!published) {
        co_return co_await fail(record, action, published.error().message);
    }
    // Until it has come back through the queue it is not so.
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::NotYet{action.key}});
    co_return co_await succeed(record, std::move(facts));
}

/// EC2 may list the snapshots of an image only once it is available; one that never was has left some all the
/// same. They carry its tags, and are to be known before the image that leads to them is gone.
asio::awaitable<base::Result<void>> Actions::learn_snapshots(RecordPointer record, fleet::Image image,
                                                             aws::CallOptions options) {
    std::vector<aws::Filter> filters;
    // Not by uid: it may have been begun in an earlier life of the name.
    filters.push_back({.name = std::string("tag:") + tag_store, .values = {desk_.store().id()}});
    filters.push_back({.name = std::string("tag:") + tag_name, .values = {record->name()}});
    filters.push_back({.name = std::string("tag:") + tag_time, .values = {base::format_time(image.chosen)}});
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_snapshots(std::move(filters), options);
    if (!found) {
        co_return base::fail(aws::describe(found.error()));
    }
    fleet::ImageDescribed described{.id = image.id, .state = image.state};
    for (const auto& snapshot : *found) {
        described.snapshots.push_back(snapshot.id);
    }
    if (!described.snapshots.empty() &&
        !co_await desk_.tell(record->name(), fleet::Fact{asked, std::move(described)})) {
        co_return base::fail("the image's snapshots cannot be stored");
    }
    co_return base::Result<void>();
}

asio::awaitable<ActionResult> Actions::deregister_image(RecordPointer record, fleet::Action action) {
    const auto* image = fleet::find_image(*record, action.image);
    if (image && image->snapshots.empty()) {
        const auto learned = co_await learn_snapshots(record, *image, options_for(action));
        if (!learned) {
            co_return co_await fail(record, action, learned.error().message);
        }
    }
    const auto answer = co_await ec2_.deregister_image(action.id, options_for(action));
    if (!answer && answer.error().kind != ErrorClass::not_found) {
        co_return co_await fail(record, action, image_refusal(answer.error()));
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::ImageDeregistered{action.id}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::delete_snapshot(RecordPointer record, fleet::Action action) {
    const auto answer = co_await ec2_.delete_snapshot(action.id, options_for(action));
    if (!answer && answer.error().kind != ErrorClass::not_found) {
        co_return co_await fail(record, action, image_refusal(answer.error()));
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::SnapshotDeleted{action.id}});
    co_return co_await succeed(record, std::move(facts));
}

}  // namespace manager
