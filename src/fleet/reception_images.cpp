#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/reception.hpp"

/// The part of reception that takes in commands about images.
namespace fleet {

Receipt Reception::decide_image_wish(MessageKind kind, const std::string& uid,
                                     const base::json::value& document) {
    const auto meant = read_order<NameOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    const bool test = kind == MessageKind::test_image;
    if (const auto problem = test ? image_test_problem(record) : image_problem(record)) {
        return refuse(kind, uid, order.name, *problem);
    }
    if (!test && std::ranges::any_of(record.images, is_being_made)) {
        return accept(kind, uid, order.name, "an image is being made already");
    }
    auto receipt = accept(kind, uid, order.name, {});
    tell(order.name, test ? Fact{now_, ImageTestAsked{}} : Fact{now_, ImageAsked{}});
    return receipt;
}

Receipt Reception::decide_announcement(const std::string& uid, const base::json::value& document) {
    constexpr auto kind = MessageKind::image_created;
    const auto meant = read_order<ImageOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    if (!order.image_id.starts_with("ami-") || order.image_id.size() > 64) {
        return refuse(kind, uid, order.name, "its image_id must be an id such as \"ami-0123456789abcdef0\"");
    }
    if (record.retirement) {
        return refuse(kind, uid, order.name, "the name " + order.name + " is being retired");
    }
    const auto* known = find_image(record, order.image_id);
    auto receipt =
        accept(kind, uid, order.name, known && known->announced ? "the image is in the chain already" : "");
    tell(order.name, {now_, ImageAnnounced{order.image_id}});
    return receipt;
}

}  // namespace fleet
