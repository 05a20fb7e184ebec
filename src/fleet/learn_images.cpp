#include <algorithm>
#include <boost/describe/enum_to_string.hpp>

#include "base/contains.hpp"
#include "base/text.hpp"
#include "fleet/images.hpp"
#include "fleet/learner.hpp"

/// What is learned of images.
namespace fleet {
namespace {

constexpr std::size_t reason_bytes_max = 500;

/// EventBridge tells whole seconds: what was seen within the same one may be older than the event.
constexpr Duration event_precision = std::chrono::seconds{1};

std::string with_reason(std::string text, std::string_view reason) {
    return reason.empty() ? text : text + ": " + std::string(base::cut(reason, reason_bytes_max));
}

}  // namespace

void Learner::operator()(const ImageSending& fact) {
    if (auto* image = find_image(record_, fact.image); image && !image->answered) {
        image->sent = at_;
        ++image->sends;
        image->not_found.reset();
        if (image->sends > 1) {
            return;
        }
        // What was due is begun.
        record_.imaging.again.reset();
        if (image->cause == ImageCause::asked) {
            record_.imaging.asked.reset();
        } else {
            record_.imaging.counted_from = image->chosen;
        }
    }
}

void Learner::operator()(const ImageAnswered& fact) {
    auto* image = find_image(record_, fact.image);
    if (!image || image->answered) {
        return;
    }
    image->id = fact.id;
    image->answered = at_;
    image->sent = image->sent.value_or(at_);
    image->state = ImageState::pending;
    image->refused.reset();
    record_.retries.erase(image_key(image->number, "make"));
    note("image_begun", "image " + fact.id + " is being made of machine " + image->machine);
}

void Learner::operator()(const ImageNotFound& fact) {
    if (auto* image = find_image(record_, fact.image); image && !image->answered) {
        image->not_found = at_;
    }
}

void Learner::operator()(const ImageRefused& fact) {
    if (auto* image = find_image(record_, fact.image); image && !image->answered) {
        image->refused = base::cut(fact.reason, reason_bytes_max);
    }
}

void Learner::operator()(const ImageTold& fact) {
    for (auto& image : record_.images) {
        if (image.id != fact.id || image.deregistered ||
            image.described.value_or(Time{}) >= at_ + event_precision) {
            continue;
        }
        record_.retries.erase(image_key(image.number, "follow"));
        if (boost::describe::enum_to_string(image.state, "") != fact.state && !image.removing) {
            image.doubted = image.doubted.value_or(at_);
        }
    }
}

void Learner::operator()(const ImageDescribed& fact) {
    for (auto& image : record_.images) {
        if (image.id == fact.id && !image.deregistered) {
            see_image(image, fact);
        }
    }
}

void Learner::see_image(Image& image, const ImageDescribed& fact) {
    // Descriptions can go back in time.
    const bool older = image.described && *image.described > at_;
    if (older || (fact.state <= ImageState::pending && image.state > ImageState::pending)) {
        return;
    }
    const bool changed = image.state != fact.state;
    image.described = at_;
    image.state = fact.state;
    image.absences = 0;
    image.doubted.reset();
    if (image.origin == ImageOrigin::made && !fact.snapshots.empty()) {
        image.snapshots = fact.snapshots;
    }
    if (fact.state == ImageState::unknown) {
        return (*this)(NotYet{image_key(image.number, "follow")});
    }
    record_.retries.erase(image_key(image.number, "follow"));
    if (fact.state == ImageState::available) {
        keep_earliest(image.available, at_);
    }
    if (fact.state == ImageState::pending) {
        return;
    }
    if (changed && fact.state == ImageState::available && image.origin == ImageOrigin::made) {
        record_.retries.erase(next_image_key);
        note("image_made", "image " + image.id + " of machine " + image.machine + " is available");
    } else if (changed && fact.state != ImageState::available) {
        note(
            fact.state == ImageState::failed ? "image_failed" : "image_disabled",
            with_reason("image " + image.id + (fact.state == ImageState::failed ? " failed" : " is disabled"),
                        fact.reason));
    }
}

void Learner::operator()(const ImageAbsent& fact) {
    for (auto& image : record_.images) {
        // What is being removed may have left snapshots: deregistering it tells.
        if (image.id != fact.id || image.deregistered || image.removing) {
            continue;
        }
        ++image.absences;
        const bool gone = image.absences >= policy_.gone_after_sweeps &&
                          at_ - image.answered.value_or(image.chosen) >= policy_.gone_after;
        if (gone) {
            image.deregistered = at_;
            note("image_gone", "EC2 no longer knows image " + image.id);
        } else {
            (*this)(NotYet{image_key(image.number, "follow")});
        }
    }
}

void Learner::operator()(const ImageAnnounced& fact) {
    bool known = false;
    for (auto& image : record_.images) {
        if (image.id == fact.id) {
            known = true;
            keep_earliest(image.announced, at_);
            record_.retries.erase(image_key(image.number, "announce"));
        }
    }
    if (!known) {
        Image image;
        image.number = ++record_.imaging.last_number;
        image.origin = ImageOrigin::announced;
        image.id = fact.id;
        image.chosen = at_;
        image.announced = at_;
        record_.images.push_back(std::move(image));
        note("image_announced", "image " + fact.id + " is announced by another tool");
    }
}

void Learner::operator()(const ImageDeregistered& fact) {
    // Its user may once have named one that was made: that entry is of the same image.
    const bool ours = std::ranges::any_of(
        record_.images, [&](const Image& image) { return image.id == fact.id && image.removing; });
    for (auto& image : record_.images) {
        if (ours && image.id == fact.id) {
            keep_earliest(image.deregistered, at_);
            record_.retries.erase(image_key(image.number, "deregister"));
        }
    }
}

void Learner::operator()(const SnapshotDeleted& fact) {
    for (auto& image : record_.images) {
        if (std::erase(image.snapshots, fact.snapshot) > 0) {
            record_.retries.erase(image_key(image.number, "snapshot/" + fact.snapshot));
        }
    }
}

void Learner::operator()(const ImageAsked& /*fact*/) {
    record_.imaging.asked = at_;
    record_.retries.erase(next_image_key);
}

void Learner::operator()(const ImageTestAsked& /*fact*/) {
    record_.imaging.test_asked = at_;
}

}  // namespace fleet
