#include "web/images.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ranges>

#include "base/text.hpp"
#include "fleet/command.hpp"
#include "fleet/images.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"
#include "web/parameters.hpp"
#include "web/wishes.hpp"

namespace web {

namespace json = boost::json;

using boost::asio::awaitable;

namespace {

/// How far the image is, in a word or two.
std::string stage_of(const fleet::Image& image) {
    if (image.deregistered) {
        return "removed, its snapshots are not";
    }
    if (image.removing) {
        return "being removed";
    }
    if (image.id.empty()) {
        return image.refused ? "refused" : "to be made";
    }
    const std::string state = boost::describe::enum_to_string(image.state, "?");
    return image.state == fleet::ImageState::available && !image.announced ? state + ", not announced"
                                                                           : state;
}

std::string line_of(const fleet::Record& record, const fleet::Image& image) {
    auto why = image.removing ? image.why_removed : image.refused ? *image.refused : image.verdict_why;
    if (const auto trouble = fleet::image_trouble(record, image); !trouble.empty()) {
        why += (why.empty() ? "" : "; ") + trouble;
    }
    return fmt::format("{:>4}  {:<21}  {}  {:<9}  {}, {}{}{}\n", image.number,
                       image.id.empty() ? "-" : image.id, base::format_time(image.chosen),
                       boost::describe::enum_to_string(image.verdict, "?"), stage_of(image),
                       boost::describe::enum_to_string(image.origin, "?"), why.empty() ? "" : ": ", why);
}

std::string told(const fleet::Record& record) {
    std::string text;
    for (const auto& image : record.images | std::views::reverse) {
        text += line_of(record, image);
    }
    if (text.empty()) {
        text = fmt::format("no image of {} is known\n", record.name());
    }
    if (const auto trouble = fleet::image_trouble(record); !trouble.empty()) {
        text += trouble + "\n";
    }
    if (const auto next = fleet::next_scheduled_image(record)) {
        text += fmt::format("the schedule's next image is due at {}\n", base::format_time(*next));
    }
    return text;
}

json::object answer_of(const fleet::Record& record) {
    json::array images;
    for (const auto& image : record.images | std::views::reverse) {
        auto item = base::to_json(image).as_object();
        if (const auto trouble = fleet::image_trouble(record, image); !trouble.empty()) {
            item["trouble"] = trouble;
        }
        images.push_back(std::move(item));
    }
    json::object answer{{"name", record.name()}, {"images", std::move(images)}};
    if (const auto next = fleet::next_scheduled_image(record)) {
        answer["next"] = base::to_json(*next);
    }
    if (const auto trouble = fleet::image_trouble(record); !trouble.empty()) {
        answer["trouble"] = trouble;
    }
    return answer;
}

}  // namespace

awaitable<http::Response> list_images(Context* context, Call call) {
    const auto record = co_await context->backend.find(call.parameter);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (!*record) {
        co_return problem(404, fmt::format("no name `{}` is registered", base::cut(call.parameter, 80)));
    }
    auto answer =
        asks_for(call.request, "text/plain")
            ? http::Response{200,
                             {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                             told(**record)}
            : json_answer(200, answer_of(**record));
    answer.headers.push_back({"Vary", "Accept"});
    co_return answer;
}

awaitable<http::Response> make_image(Context* context, Call call) {
    return wish(context, std::move(call), "make_image", fleet::image_problem);
}

awaitable<http::Response> test_image(Context* context, Call call) {
    return wish(context, std::move(call), "test_image", fleet::image_test_problem);
}

}  // namespace web
