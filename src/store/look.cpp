#include "store/look.hpp"

#include "store/folder.hpp"
#include "store/format.hpp"
#include "store/open.hpp"

namespace store {

base::Result<Seen> look_at(const std::filesystem::path& folder, const std::string& name) {
    const auto environment = open_to_read(folder);
    if (!environment) {
        return std::unexpected(environment.error());
    }
    try {
        const auto transaction = (*environment)->read();
        const auto text = transaction.get(transaction.find_table("records").value(), name);
        if (!text) {
            return base::fail("no name " + name + " is registered in the store in " + folder.string());
        }
        auto record = decode_record(*text);
        if (!record) {
            return base::fail("the record of " + name + " cannot be read: " + record.error().message);
        }
        const Tables tables{.meta = transaction.find_table("meta").value()};
        return Seen{std::move(*record), read_identity(transaction, tables).key};
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, folder / data_file));
    }
}

}  // namespace store
