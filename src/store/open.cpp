#include "store/open.hpp"

#include <system_error>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "store/folder.hpp"
#include "store/format.hpp"

namespace store {
namespace {

constexpr auto format_key = "spot_manager_format";
constexpr auto id_field = "id";
constexpr auto key_field = "key";
constexpr std::size_t key_bytes = 32;

/// A file that ends before its last page is given zeros for the time of a check: reading a page that is not
/// there would end the process, reading zeros is an error. A whole file may be shorter too, when its last
/// pages were taken and given back in one transaction.
class Lengthened {
  public:
    Lengthened(std::filesystem::path file, std::uint64_t bytes)
        : file_(std::move(file)), before_(std::filesystem::file_size(file_)) {
        if (before_ < bytes) {
            std::filesystem::resize_file(file_, bytes);
        }
    }
    ~Lengthened() {
        if (!keep_) {
            std::error_code ignored;
            std::filesystem::resize_file(file_, before_, ignored);
        }
    }
    Lengthened(const Lengthened&) = delete;
    Lengthened& operator=(const Lengthened&) = delete;

    void keep() { keep_ = true; }

  private:
    std::filesystem::path file_;
    std::uintmax_t before_;
    bool keep_ = false;
};

/// Reads every key of every table, so that damage is found now and not in the middle of the work.
void read_everything(const lmdb::ReadTransaction& transaction) {
    std::vector<std::string> names;
    transaction.scan(transaction.main_table(), {}, [&](std::string_view name, std::string_view) {
        names.emplace_back(name);
        return true;
    });
    for (const auto& name : names) {
        if (const auto table = transaction.find_table(name.c_str())) {
            transaction.scan(*table, {}, [](std::string_view, std::string_view) { return true; });
        }
    }
}

std::optional<std::uint64_t> format_of(const lmdb::ReadTransaction& transaction) {
    const auto meta = transaction.find_table("meta");
    const auto format = meta ? transaction.get(*meta, format_key) : std::nullopt;
    return format ? base::parse_number(*format) : std::nullopt;
}

base::Result<void> check_format(const lmdb::ReadTransaction& transaction, const std::filesystem::path& file) {
    const auto format = format_of(transaction);
    if (!format) {
        return base::fail(file.string() +
                          " is an LMDB file, but not a store of spot-manager; it is left as it is");
    }
    if (*format > format_version) {
        return base::fail("the store " + file.string() + " has format " + std::to_string(*format) +
                          ", and this program knows formats up to " + std::to_string(format_version) +
                          ": use a newer spot-manager");
    }
    return {};
}

/// True when the store has yet to be made.
base::Result<bool> is_new(lmdb::Environment& environment, const std::filesystem::path& file,
                          const std::filesystem::path& called) {
    const auto transaction = environment.read();
    if (transaction.count(transaction.main_table()) == 0) {
        return true;
    }
    Lengthened lengthened(file, environment.bytes_in_use());
    if (auto checked = check_format(transaction, called); !checked) {
        return std::unexpected(std::move(checked.error()));
    }
    read_everything(transaction);
    lengthened.keep();
    return false;
}

}  // namespace

std::string explain(const lmdb::Failure& failure, const std::filesystem::path& file) {
    if (failure.no_lmdb_file()) {
        return file.string() + " is not a store of spot-manager; it is left as it is";
    }
    if (failure.damaged()) {
        return "the store " + file.string() + " is damaged (" + failure.what() +
               "); it is left as it is: restore a backup, or choose another folder";
    }
    return "the store " + file.string() + " cannot be opened: " + failure.what();
}

base::Result<Opened> open_to_write(const std::filesystem::path& folder,
                                   const lmdb::EnvironmentOptions& options,
                                   const std::filesystem::path& called) {
    try {
        auto environment = std::make_unique<lmdb::Environment>(folder, options);
        const auto checked = is_new(*environment, folder / data_file, called);
        if (!checked) {
            return std::unexpected(checked.error());
        }
        return Opened{std::move(environment), *checked};
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, called));
    } catch (const std::filesystem::filesystem_error& error) {
        return base::fail("the store " + called.string() + " cannot be opened: " + error.code().message());
    }
}

base::Result<std::unique_ptr<lmdb::Environment>> open_to_read(const std::filesystem::path& folder) {
    const auto file = folder / data_file;
    std::error_code none;
    if (std::filesystem::file_size(file, none) == 0 || none) {
        return base::fail("there is no store in " + folder.string() +
                          (none ? ": " + none.message() : ": " + file.string() + " is empty"));
    }
    try {
        auto environment =
            std::make_unique<lmdb::Environment>(folder, lmdb::EnvironmentOptions{.read_only = true});
        if (auto checked = check_format(environment->read(), file); !checked) {
            return std::unexpected(std::move(checked.error()));
        }
        return environment;
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, file));
    }
}

Tables prepare(lmdb::Environment& environment) {
    Tables tables{};
    environment.write([&](lmdb::WriteTransaction& transaction) {
        tables = Tables::make(transaction);
        if (!transaction.get(tables.meta, format_key)) {
            transaction.put(tables.meta, format_key, std::to_string(format_version));
            transaction.put(tables.meta, id_field, base::new_uid());
            transaction.put(tables.meta, key_field, base::random_bytes(key_bytes));
        }
    });
    return tables;
}

Identity read_identity(const lmdb::ReadTransaction& transaction, const Tables& tables) {
    return {.id = std::string(transaction.get(tables.meta, id_field).value_or("")),
            .key = std::string(transaction.get(tables.meta, key_field).value_or(""))};
}

std::vector<QuarantinedRecord> find_unreadable(const ReadTransaction& transaction) {
    constexpr std::size_t page = 1000;
    std::vector<QuarantinedRecord> unreadable;
    for (auto names = transaction.names({}, page); !names.empty();
         names = transaction.names(names.back(), page)) {
        for (const auto& name : names) {
            if (const auto record = transaction.find(name); !record) {
                unreadable.push_back({name, record.error().message});
            }
        }
    }
    return unreadable;
}

}  // namespace store
