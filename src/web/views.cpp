#include "web/views.hpp"

#include "base/hash.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/status.hpp"

namespace web {

namespace json = boost::json;

namespace {

/// The launch to speak of: the one that serves, else the newest.
const fleet::Launch* shown_launch(const fleet::Record& record) {
    if (const auto* serving = fleet::serving_launch(record)) {
        return serving;
    }
    return record.launches.empty() ? nullptr : &record.launches.back();
}

json::value dns_side(const fleet::Record& record, fleet::Side side) {
    const auto& wanted = record.dns_name(side);
    if (!wanted) {
        return nullptr;
    }
    const auto& state = record.dns(side);
    json::object view{{"name", wanted->name}, {"ttl", wanted->ttl}};
    if (state.zone_id) {
        view["zone_id"] = *state.zone_id;
    }
    if (const auto& published = state.published) {
        view["address"] = published->address;
        view["generation"] = published->generation;
        view["published"] = base::to_json(published->accepted.value_or(published->sent));
        if (published->in_sync) {
            view["in_sync"] = base::to_json(*published->in_sync);
        }
    }
    return view;
}

json::object dns_of(const fleet::Record& record) {
    json::object view;
    if (auto side = dns_side(record, fleet::Side::private_); !side.is_null()) {
        view["private"] = std::move(side);
    }
    if (auto side = dns_side(record, fleet::Side::public_); !side.is_null()) {
        view["public"] = std::move(side);
    }
    return view;
}

/// What machines boot from, in brief.
json::object images_in_brief(const fleet::Record& record) {
    json::object view;
    const auto* good = fleet::newest_good(record.images);
    if (good) {
        view["newest_good"] = good->id;
    }
    json::array bad;
    for (const auto& image : record.images) {
        if (good && image.number < good->number) {
            continue;
        }
        if (image.verdict == fleet::Verdict::bad) {
            bad.push_back({{"id", image.id}, {"why", image.verdict_why}});
        } else if (image.verdict == fleet::Verdict::candidate && fleet::is_usable(image)) {
            view["candidate"] = image.id;
        }
    }
    view["bad"] = std::move(bad);
    if (const auto next = fleet::next_scheduled_image(record)) {
        view["next"] = base::to_json(*next);
    }
    if (const auto trouble = fleet::image_trouble(record); !trouble.empty()) {
        view["trouble"] = trouble;
    }
    return view;
}

json::value spec_of(const fleet::Record& record) {
    auto view = base::to_json(record.spec);
    if (const auto& user_data = record.spec.user_data) {
        view.as_object()["user_data"] = {{"bytes", user_data->size()},
                                         {"sha256", base::sha256_hex(*user_data)}};
    }
    return view;
}

json::array launches_of(const fleet::Record& record) {
    auto view = base::to_json(record.launches).as_array();
    for (auto& launch : view) {
        for (auto& attempt : launch.as_object()["attempts"].as_array()) {
            attempt.as_object().erase("token");
        }
    }
    return view;
}

json::array retries_of(const fleet::Record& record) {
    json::array view;
    for (const auto& [action, retry] : record.retries) {
        auto entry = base::to_json(retry).as_object();
        entry["action"] = action;
        view.push_back(std::move(entry));
    }
    return view;
}

json::object machine_of(const fleet::Launch& launch) {
    json::object view{{"generation", launch.generation}};
    if (launch.machine) {
        view["machine"] = *launch.machine;
    }
    if (launch.ready) {
        view["ready"] = base::to_json(*launch.ready);
    }
    return view;
}

}  // namespace

json::object summary_of(const fleet::Record& record) {
    const auto status = fleet::status_of(record);
    json::object view{{"name", record.name()},
                      {"uid", record.uid},
                      {"state", base::to_json(status.state)},
                      {"reason", status.reason},
                      {"registered", base::to_json(record.registered)}};
    if (const auto* launch = shown_launch(record)) {
        view["generation"] = launch->generation;
        if (launch->machine) {
            view["machine"] = *launch->machine;
        }
        if (const auto* attempt = fleet::newest_attempt(*launch)) {
            view["market"] = base::to_json(attempt->pool.market);
        }
        view["addresses"] = base::to_json(launch->addresses);
        if (launch->notice) {
            view["notice"] = base::to_json(*launch->notice);
        }
        if (const auto since = fleet::served_since(record, *launch)) {
            view["moved"] = {{"at", base::to_json(*since)},
                             {"reason", base::to_json(launch->reason)},
                             {"why", launch->why}};
        }
    }
    view["dns"] = dns_of(record);
    view["images"] = images_in_brief(record);
    return view;
}

json::object view_of(const fleet::Move& move) {
    json::object view{{"phase", base::to_json(move.phase)},
                      {"reason", base::to_json(move.reason)},
                      {"why", move.why},
                      {"begun", base::to_json(move.begun)}};
    if (move.from) {
        view["from"] = machine_of(*move.from);
    }
    if (move.to) {
        view["to"] = machine_of(*move.to);
    }
    if (move.arrived) {
        view["arrived"] = base::to_json(*move.arrived);
    }
    if (move.downtime) {
        view["downtime_seconds"] = std::chrono::duration<double>(*move.downtime).count();
    }
    return view;
}

json::array history_of(const std::vector<store::NumberedEntry>& history) {
    json::array view;
    for (const auto& [number, entry] : history) {
        auto item = base::to_json(entry).as_object();
        item["number"] = number;
        view.push_back(std::move(item));
    }
    return view;
}

json::object detail_of(const fleet::Record& record, const std::vector<store::NumberedEntry>& history) {
    auto view = summary_of(record);
    view["intent"] = base::to_json(record.intent);
    view["revision"] = record.revision;
    view["spec_revision"] = record.spec_revision;
    if (record.retirement) {
        view["retirement"] = base::to_json(*record.retirement);
    }
    view["spec"] = spec_of(record);
    view["launches"] = launches_of(record);
    view["retries"] = retries_of(record);
    view["counters"] = {{"launches", record.launches.empty() ? 0 : record.launches.back().generation},
                        {"launches_lost", record.launches_lost}};
    view["history"] = history_of(history);
    return view;
}

}  // namespace web
