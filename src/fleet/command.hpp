#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"

/// Commands: changing calls of the web endpoint, published to the queue with a signature of this store's key.
namespace fleet {

/// `{"spot_manager":1,"command":..,"uid":..,"issued":..,"payload":"<JSON text>","signature":"<hex>"}`. The
/// signature is HMAC-SHA-256 over operation, uid, issue time and the exact payload.
struct SignedCommand {
    std::string command;  ///< the operation: `register`, `retire`, ...
    std::string uid;
    std::string issued;   ///< RFC 3339, as signed
    std::string payload;  ///< JSON text, as signed
    std::string signature;
};
BOOST_DESCRIBE_STRUCT(SignedCommand, (), (command, uid, issued, payload, signature))

/// The payload of `retire`. The uid is the managed instance's that is meant: a command that comes late never
/// touches a successor of the same name.
struct RetireOrder {
    std::string name;
    std::string uid;
    bool keep_machine = false;
    bool remove_images = false;
};
BOOST_DESCRIBE_STRUCT(RetireOrder, (), (name, uid, keep_machine, remove_images))

/// The payload of `replace`, `pause`, `resume`, `make_image` and `test_image`, and a part of that of
/// `update`.
struct NameOrder {
    std::string name;
    std::string uid;  ///< as in RetireOrder
};
BOOST_DESCRIBE_STRUCT(NameOrder, (), (name, uid))

/// The payload of `update`: another spec for a name. Its spec is read with parse_spec().
struct UpdateOrder {
    std::string name;
    std::string uid;       ///< as in RetireOrder
    bool replace = false;  ///< at once, not with the next launch
};
BOOST_DESCRIBE_STRUCT(UpdateOrder, (), (name, uid, replace))

/// The payload of `image_created`: an image from which the name's next machine may boot.
struct ImageOrder {
    std::string name;
    std::string uid;  ///< as in RetireOrder
    std::string image_id;
};
BOOST_DESCRIBE_STRUCT(ImageOrder, (), (name, uid, image_id))

/// The message body of a new command, signed with `key`.
std::string sign_command(std::string_view key, std::string_view command, std::string_view uid,
                         base::Time issued, std::string_view payload);

/// Whether the signature is of this key.
bool signature_holds(std::string_view key, const SignedCommand& command);

/// What a machine shows to be believed: HMAC(store key, uid), in hexadecimal. It tells nothing about the key.
std::string report_token(std::string_view key, std::string_view uid);

}  // namespace fleet
