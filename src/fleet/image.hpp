#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

/// What is stored of a name's images: its chain.
namespace fleet {

using base::Duration;
using base::Time;

/// Where an image of a chain comes from.
enum class ImageOrigin {
    registered,  ///< its user's word, in the spec: never removed by us
    made,        ///< of a machine of the name, by us
    announced,   ///< by another tool, with a signed command: never removed by us
};
BOOST_DESCRIBE_ENUM(ImageOrigin, registered, made, announced)

/// EC2's states of an image, as far as they differ to us; `unknown` until it was described.
enum class ImageState { unknown, pending, available, disabled, failed };
BOOST_DESCRIBE_ENUM(ImageState, unknown, pending, available, disabled, failed)

/// Whether machines can boot from an image. Good never becomes bad.
enum class Verdict {
    candidate,  ///< nobody knows yet
    good,       ///< a machine launched from it became ready
    bad,        ///< a machine launched from it ran for the spec's patience and did not become ready
};
BOOST_DESCRIBE_ENUM(Verdict, candidate, good, bad)

/// Why an image was made.
enum class ImageCause { schedule, asked };
BOOST_DESCRIBE_ENUM(ImageCause, schedule, asked)

/// One AMI of a name's chain: facts with their times. It leaves the chain when nothing of it is left in EC2,
/// or, where it is not ours to remove, when nobody needs it any more.
struct Image {
    int number = 1;  ///< counts up in the name's life: a higher one is newer
    ImageOrigin origin = ImageOrigin::registered;
    std::string id;  ///< `ami-…`; empty until EC2 answered

    // Of one that we make.
    std::string ami_name;  ///< unique: CreateImage has no client token, and it is looked up by this
    std::string machine;
    int generation = 0;  ///< of the machine's launch
    ImageCause cause = ImageCause::schedule;
    bool reboot = false;       ///< the machine is rebooted for it
    Time chosen;               ///< of others: when they came into the chain
    std::optional<Time> sent;  ///< durable before the call: it may have been taken since then
    int sends = 0;
    std::optional<Time> not_found;       ///< looked up after it was sent, and EC2 did not know it
    std::optional<std::string> refused;  ///< why, by a later send: an earlier one may have been taken
    std::optional<Time> answered;
    std::optional<Time> rebooted;   ///< its machine was away after it was sent, and is well again
    std::optional<Time> announced;  ///< its command came through the queue; of others: at once

    ImageState state = ImageState::unknown;
    std::optional<Time> described;  ///< EC2's newest answer about it
    std::optional<Time> available;
    std::optional<Time> doubted;         ///< told to be gone or changed, and EC2 has not answered since then
    int absences = 0;                    ///< complete looks in a row that did not show it
    std::vector<std::string> snapshots;  ///< its own, that EC2 still has

    Verdict verdict = Verdict::candidate;
    std::string verdict_why;
    std::optional<Time> judged;
    int tests = 0;  ///< begun

    std::optional<Time> removing;      ///< it is to be deregistered, and then its snapshots deleted
    std::string why_removed;           ///< a sentence
    std::optional<Time> deregistered;  ///< EC2 has it no more

    bool operator==(const Image&) const = default;
};
BOOST_DESCRIBE_STRUCT(Image, (),
                      (number, origin, id, ami_name, machine, generation, cause, reboot, chosen, sent, sends,
                       not_found, refused, answered, rebooted, announced, state, described, available,
                       doubted, absences, snapshots, verdict, verdict_why, judged, tests, removing,
                       why_removed, deregistered))

/// When a name's next image is due.
struct Imaging {
    std::optional<Time> counted_from;  ///< the next time of the schedule is the first after this
    std::optional<Time> asked;         ///< its user asked for an image, and it has not been begun
    std::optional<Time> test_asked;    ///< its user asked for a test, and it has not been begun
    std::optional<ImageCause> again;   ///< the last came to nothing: another after the back-off
    int last_number = 0;               ///< of an image: never used twice

    bool operator==(const Imaging&) const = default;
};
BOOST_DESCRIBE_STRUCT(Imaging, (), (counted_from, asked, test_asked, again, last_number))

/// What a retired name left: a name that is registered with latest_image goes on with it.
struct KeptImages {
    std::string name;
    Time at;
    std::vector<Image> images;  ///< as in Record

    bool operator==(const KeptImages&) const = default;
};
BOOST_DESCRIBE_STRUCT(KeptImages, (), (name, at, images))

}  // namespace fleet
