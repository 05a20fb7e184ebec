#include "store/tables.hpp"

namespace store {

Tables Tables::make(lmdb::WriteTransaction& transaction) {
    const auto table = [&](const char* name) { return transaction.make_table(name); };
    return {
        .meta = table("meta"),
        .records = table("records"),
        .by_request = table("by_request"),
        .by_machine = table("by_machine"),
        .by_image = table("by_image"),
        .kept_images = table("kept_images"),
        .by_dns = table("by_dns"),
        .by_group = table("by_group"),
        .replacing = table("replacing"),
        .pools = table("pools"),
        .counters = table("counters"),
        .seen = {table("seen"), table("seen_by_time")},
        .commands = {table("registrations"), table("registrations_by_time")},
        .tombstones = {table("tombstones"), table("tombstones_by_time")},
        .unclaimed = table("unclaimed"),
        .unclaimed_by_id = table("unclaimed_by_id"),
        .journal = table("journal"),
        .journal_by_name = table("journal_by_name"),
        .rejected = table("rejected"),
    };
}

}  // namespace store
