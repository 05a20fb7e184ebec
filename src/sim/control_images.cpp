#include "sim/control_images.hpp"

#include <string>

namespace sim {

namespace json = boost::json;

Answer<json::object> decide_next_image(Images& images, const json::object& body) {
    const auto* next = body.if_contains("next");
    if (next == nullptr || !next->is_string() ||
        (next->get_string() != "pass" && next->get_string() != "fail" && next->get_string() != "hold")) {
        return refuse("", "next must be one of pass, fail, hold");
    }
    images.decide_next(std::string(next->get_string()));
    return json::object{{"next", *next}};
}

Answer<void> act_on_image(Images& images, std::string_view id, std::string_view verb) {
    if (verb == "deregister") {
        return images.deregister(std::string(id));
    }
    if (verb != "release" && verb != "fail") {
        return refuse("", "there is no action " + std::string(verb), 404);
    }
    auto* image = images.find(id);
    if (image == nullptr) {
        return refuse("", "no image " + std::string(id) + " was made here", 404);
    }
    return images.settle(
        *image, verb == "fail" ? std::optional("Client.InternalError: it was made to fail") : std::nullopt);
}

}  // namespace sim
