#include "store/lmdb.hpp"

#include <lmdb.h>

#include <algorithm>

namespace store::lmdb {
namespace {

constexpr unsigned int tables_max = 64;

MDB_val to_val(std::string_view text) {
    // LMDB takes what it only reads as a pointer to non-const.
    return {text.size(), const_cast<char*>(text.data())};
}

std::string_view to_view(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// True on success, false when there was nothing; throws everything else.
bool check(int code, const char* doing) {
    if (code == MDB_NOTFOUND) {
        return false;
    }
    if (code == MDB_MAP_FULL) {
        throw MapFull{};
    }
    if (code != MDB_SUCCESS) {
        throw Failure(doing, code);
    }
    return true;
}

bool can_be_a_key(std::string_view key) {
    return !key.empty() && key.size() <= key_bytes_max;
}

struct CloseCursor {
    void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CloseCursor>;

Cursor open_cursor(MDB_txn* transaction, Table table) {
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(transaction, table, &cursor), "read a table");
    return Cursor(cursor);
}

}  // namespace

Failure::Failure(const std::string& doing, int code)
    : std::runtime_error("could not " + doing + ": " + mdb_strerror(code)), code_(code) {}

bool Failure::no_lmdb_file() const {
    return code_ == MDB_INVALID || code_ == MDB_VERSION_MISMATCH;
}

bool Failure::damaged() const {
    return code_ == MDB_CORRUPTED || code_ == MDB_PAGE_NOTFOUND || code_ == MDB_BAD_TXN;
}

bool Failure::broken() const {
    return code_ == MDB_PANIC;
}

void ReadTransaction::Abort::operator()(MDB_txn* transaction) const {
    mdb_txn_abort(transaction);
}

ReadTransaction::ReadTransaction(MDB_env* environment) : ReadTransaction(environment, MDB_RDONLY) {}

ReadTransaction::ReadTransaction(MDB_env* environment, unsigned int flags) {
    MDB_txn* transaction = nullptr;
    check(environment == nullptr ? MDB_PANIC : MDB_SUCCESS, "begin a transaction");
    check(mdb_txn_begin(environment, nullptr, flags, &transaction), "begin a transaction");
    transaction_.reset(transaction);
}

std::optional<Table> ReadTransaction::find_table(const char* name) const {
    Table table = 0;
    const bool found = check(mdb_dbi_open(transaction_.get(), name, 0, &table), "open a table");
    return found ? std::optional(table) : std::nullopt;
}

Table ReadTransaction::main_table() const {
    Table table = 0;
    check(mdb_dbi_open(transaction_.get(), nullptr, 0, &table), "open a table");
    return table;
}

std::optional<std::string_view> ReadTransaction::get(Table table, std::string_view key) const {
    MDB_val wanted = to_val(key);
    MDB_val value{};
    if (!can_be_a_key(key) || !check(mdb_get(transaction_.get(), table, &wanted, &value), "read a value")) {
        return std::nullopt;
    }
    return to_view(value);
}

std::size_t ReadTransaction::count(Table table) const {
    MDB_stat stat{};
    check(mdb_stat(transaction_.get(), table, &stat), "count a table");
    return stat.ms_entries;
}

void ReadTransaction::scan(Table table, std::string_view from, const Visitor& visit) const {
    const Cursor cursor = open_cursor(transaction_.get(), table);
    MDB_val key = to_val(from);
    MDB_val value{};
    auto step = from.empty() ? MDB_FIRST : MDB_SET_RANGE;
    while (check(mdb_cursor_get(cursor.get(), &key, &value, step), "read a table")) {
        if (!visit(to_view(key), to_view(value))) {
            return;
        }
        step = MDB_NEXT;
    }
}

void ReadTransaction::scan_back(Table table, std::string_view below, const Visitor& visit) const {
    const Cursor cursor = open_cursor(transaction_.get(), table);
    MDB_val key = to_val(below);
    MDB_val value{};
    // Where no key is at or above `below`, all are less than it.
    const bool above =
        !below.empty() && check(mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE), "read a table");
    auto step = above ? MDB_PREV : MDB_LAST;
    while (check(mdb_cursor_get(cursor.get(), &key, &value, step), "read a table")) {
        if (!visit(to_view(key), to_view(value))) {
            return;
        }
        step = MDB_PREV;
    }
}

WriteTransaction::WriteTransaction(MDB_env* environment) : ReadTransaction(environment, 0) {}

Table WriteTransaction::make_table(const char* name) {
    Table table = 0;
    check(mdb_dbi_open(transaction_.get(), name, MDB_CREATE, &table), "make a table");
    return table;
}

void WriteTransaction::put(Table table, std::string_view key, std::string_view value) {
    if (!can_be_a_key(key)) {
        throw std::invalid_argument("a key of " + std::to_string(key.size()) + " bytes cannot be stored");
    }
    MDB_val at = to_val(key);
    MDB_val data = to_val(value);
    changed_ = true;
    check(mdb_put(transaction_.get(), table, &at, &data, 0), "write a value");
}

bool WriteTransaction::erase(Table table, std::string_view key) {
    MDB_val at = to_val(key);
    changed_ = true;
    return can_be_a_key(key) && check(mdb_del(transaction_.get(), table, &at, nullptr), "erase a value");
}

void WriteTransaction::commit() {
    // LMDB frees the transaction whether it could be committed or not.
    check(mdb_txn_commit(transaction_.release()), "commit to disk");
}

void Environment::Close::operator()(MDB_env* environment) const {
    mdb_env_close(environment);
}

Environment::Environment(const std::filesystem::path& folder, const EnvironmentOptions& options)
    : folder_(folder), options_(options), map_bytes_(options.map_bytes) {
    open();
}

void Environment::open() {
    MDB_env* environment = nullptr;
    check(mdb_env_create(&environment), "prepare LMDB");
    std::unique_ptr<MDB_env, Close> opened(environment);
    check(mdb_env_set_maxdbs(environment, tables_max), "prepare LMDB");
    check(mdb_env_set_mapsize(environment, options_.read_only ? options_.map_bytes_max : options_.map_bytes),
          "set the size of the map");
    // Read transactions belong to their objects, not to the thread that began them.
    const unsigned int flags = MDB_NOTLS | (options_.read_only ? MDB_RDONLY : 0U);
    check(mdb_env_open(environment, folder_.c_str(), flags, 0600), "open data.mdb");
    int dead_readers = 0;
    check(mdb_reader_check(environment, &dead_readers), "clear the slots of dead readers");
    MDB_envinfo info{};
    check(mdb_env_info(environment, &info), "read the state of LMDB");
    // Larger than asked for where the file needs it.
    map_bytes_ = info.me_mapsize;
    environment_ = std::move(opened);
}

void Environment::reopen() {
    environment_.reset();
    open();
}

void Environment::write(const std::function<void(WriteTransaction&)>& closure) {
    while (!try_write(closure)) {
        grow();
    }
}

bool Environment::try_write(const std::function<void(WriteTransaction&)>& closure) {
    try {
        WriteTransaction transaction(environment_.get());
        closure(transaction);
        transaction.commit();
        return true;
    } catch (const MapFull&) {
        return false;
    }
}

void Environment::copy(int file) const {
    check(mdb_env_copyfd2(environment_.get(), file, MDB_CP_COMPACT), "copy the store");
}

void Environment::grow() {
    const std::size_t bytes = std::min(map_bytes_ * 2, options_.map_bytes_max);
    if (bytes <= map_bytes_) {
        throw Failure("grow beyond " + std::to_string(map_bytes_) + " bytes", MDB_MAP_FULL);
    }
    check(mdb_env_set_mapsize(environment_.get(), bytes), "grow the map");
    map_bytes_ = bytes;
    ++growths_;
}

std::uint64_t Environment::bytes_in_use() const {
    MDB_envinfo info{};
    MDB_stat stat{};
    check(mdb_env_info(environment_.get(), &info), "read the state of LMDB");
    check(mdb_env_stat(environment_.get(), &stat), "read the state of LMDB");
    return (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
}

}  // namespace store::lmdb
