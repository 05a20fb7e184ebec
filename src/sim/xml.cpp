#include "sim/xml.hpp"

#include <sstream>

namespace sim {

void add(pugi::xml_node parent, const char* name, std::string_view text) {
    parent.append_child(name).text().set(std::string(text).c_str());
}

void add_flag(pugi::xml_node parent, const char* name, bool value) {
    add(parent, name, value ? "true" : "false");
}

void add_number(pugi::xml_node parent, const char* name, long value) {
    add(parent, name, std::to_string(value));
}

void add_time(pugi::xml_node parent, const char* name, base::Time time) {
    auto text = base::format_time(time);
    if (text.find('.') == std::string::npos) {
        text.insert(text.size() - 1, ".000");
    }
    add(parent, name, text);
}

std::string print(const pugi::xml_document& document) {
    std::ostringstream out;
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    document.save(out, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
    return out.str();
}

}  // namespace sim
