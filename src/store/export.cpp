#include "store/export.hpp"

#include <ostream>
#include <string>

#include "store/format.hpp"
#include "store/lmdb.hpp"

namespace store {

base::Result<std::size_t> export_records(const std::filesystem::path& folder, std::ostream& out) {
    try {
        const lmdb::Environment environment(folder, {.read_only = true});
        const auto transaction = environment.read();
        const auto records = transaction.find_table("records");
        if (!records) {
            return base::fail(folder.string() + " holds no store of spot-manager");
        }
        std::size_t count = 0;
        transaction.scan(*records, {}, [&](std::string_view name, std::string_view text) {
            const auto value = parse_stored(text);
            out << base::json::serialize(base::json::object{
                       {"name", name}, {"value", value ? *value : base::json::value(text)}})
                << '\n';
            ++count;
            return out.good();
        });
        if (!out.flush()) {
            return base::fail("the records could not be written");
        }
        return count;
    } catch (const lmdb::Failure& failure) {
        return base::fail("the store in " + folder.string() + " cannot be read: " + failure.what());
    }
}

}  // namespace store
