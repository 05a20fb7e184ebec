#include "store/export.hpp"

#include <ostream>
#include <string>

#include "store/folder.hpp"
#include "store/format.hpp"
#include "store/open.hpp"

namespace store {

base::Result<std::size_t> export_records(const std::filesystem::path& folder, std::ostream& out) {
    const auto environment = open_to_read(folder);
    if (!environment) {
        return std::unexpected(environment.error());
    }
    try {
        const auto transaction = (*environment)->read();
        std::size_t count = 0;
        transaction.scan(transaction.find_table("records").value(), {},
                         [&](std::string_view name, std::string_view text) {
                             const auto value = parse_stored(text);
                             out << printable(base::json::serialize(base::json::object{
                                        {"name", name}, {"value", value ? *value : base::json::value(text)}}))
                                 << '\n';
                             ++count;
                             return out.good();
                         });
        if (!out.flush()) {
            return base::fail("the records could not be written");
        }
        return count;
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, folder / data_file));
    }
}

}  // namespace store
