#include "simulation/people.hpp"

#include <boost/json/serialize.hpp>
#include <vector>

#include "simulation/messages.hpp"
#include "simulation/specs.hpp"

namespace simulation {

namespace json = base::json;

void People::register_fleet(int names) {
    for (int i = 1; i <= names; ++i) {
        const auto name = "name-" + std::to_string(i);
        stage_.timeline.after(stage_.chance.between(0s, 30s),
                              [this, name] { register_name(name, make_spec(name, stage_.chance)); });
    }
}

void People::register_name(const std::string& name, json::object spec) {
    const auto uid = make_uid();
    tell(name, "registers it, {}", json::serialize(spec));
    wishes_[uid] = {.name = name, .uid = uid, .specs = {spec}};
    send("register", uid, spec);
}

void People::begin_orders() {
    if (stage_.settings.orders_once_in == 0s) {
        return;
    }
    stage_.timeline.after(stage_.chance.once_in(stage_.settings.orders_once_in), [this] {
        if (stage_.settings.orders_once_in > 0s) {
            order_something();
            begin_orders();
        }
    });
}

void People::order_something() {
    std::vector<Wish*> wishes;
    for (auto& [uid, wish] : wishes_) {
        // Who has something to ask for knows that the name is there, or that it is gone and nobody has it.
        const auto outcome = ledger_.command(uid);
        const bool accepted = outcome && is_carried_out(*outcome);
        const bool taken = ledger_.records().contains(wish.name);
        if (accepted && (!ledger_.is_gone(uid) || !taken)) {
            wishes.push_back(&wish);
        }
    }
    if (wishes.empty()) {
        return;
    }
    auto& wish = *stage_.chance.one_of(wishes);
    if (ledger_.is_gone(wish.uid)) {
        auto spec = make_spec(wish.name, stage_.chance);
        if (stage_.chance.percent(50)) {
            spec["image_id"] = "latest";
        }
        return register_name(wish.name, std::move(spec));
    }
    order(wish);
}

/// Some change their minds at once.
void People::order(Wish& wish) {
    switch (wish.retired_by.empty() ? stage_.chance.below(13) : 0) {
        case 0:
        case 1:
            return retire(wish);
        case 2:
            tell(wish.name, "asks for another machine");
            return send(wish, {.command = "replace"});
        case 3:
        case 4:
            tell(wish.name, "asks for an image");
            return send(wish, {.command = "make_image"});
        case 5:
            tell(wish.name, "asks for a test of the newest image");
            return send(wish, {.command = "test_image"});
        case 6:
            return announce(wish);
        case 7:
        case 8:
        case 9: {
            const std::string command = wish.paused() ? "resume" : "pause";
            tell(wish.name, "{}s it", command);
            send(wish, {.command = command});
            break;
        }
        default:
            change(wish);
    }
    if (stage_.chance.percent(30)) {
        stage_.timeline.after(stage_.chance.between(10ms, 20s), [this, uid = wish.uid] {
            if (stage_.settings.orders_once_in > 0s) {
                order(wishes_.at(uid));
            }
        });
    }
}

void People::change(Wish& wish) {
    wish.specs.push_back(change_spec(wish.spec(), stage_.chance));
    const bool replace = stage_.chance.percent(50);
    tell(wish.name, "gives it another spec{}, {}", replace ? " and replaces its machine" : "",
         json::serialize(wish.spec()));
    send(wish, {.command = "update", .replace = replace});
}

/// Another tool makes its images.
void People::announce(Wish& wish) {
    const auto image = world_.make_image_of_others();
    tell(wish.name, "announces image {}{}", image,
         world_.ec2.images.at(image).is_bad ? ", and nothing boots from it" : "");
    send(wish, {.command = "image_created", .image = image});
}

void People::send(Wish& wish, const Order& order) {
    json::object payload{{"name", wish.name}, {"uid", wish.uid}};
    if (order.command == "update") {
        payload["spec"] = wish.spec();
        payload["replace"] = order.replace;
    }
    if (!order.image.empty()) {
        payload["image_id"] = order.image;
    }
    wish.orders.push_back({.uid = make_uid(), .command = order.command, .replace = order.replace});
    send(order.command, wish.orders.back().uid, payload);
}

void People::retire(Wish& wish) {
    const auto uid = make_uid();
    if (wish.retired_by.empty()) {
        wish.retired_by = uid;
        wish.keep_machine = stage_.chance.percent(30);
        wish.remove_images = stage_.chance.percent(30);
    }
    tell(wish.name, "retires it{}{}", wish.keep_machine ? " and keeps the machine" : "",
         wish.remove_images ? " and removes the images" : "");
    send("retire", uid,
         {{"name", wish.name},
          {"uid", wish.uid},
          {"keep_machine", wish.keep_machine},
          {"remove_images", wish.remove_images}});
}

void People::send(std::string_view command, const std::string& uid, const json::object& payload) {
    world_.send(fleet::sign_command(store_key, command, uid, stage_.now(), json::serialize(payload)),
                web_endpoint);
}

std::string People::make_uid() {
    return fmt::format("uid-{}", ++next_uid_);
}

}  // namespace simulation
