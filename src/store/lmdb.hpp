#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct MDB_env;
struct MDB_txn;

/// LMDB as types: what reads takes a read transaction, what writes takes a write transaction, and a write is
/// a closure that may be run again. "Not found" is a value; everything else that LMDB refuses is a Failure.
namespace store::lmdb {

/// What broke: the disk, the file, or a limit of the system. what() is a sentence.
class Failure : public std::runtime_error {
  public:
    Failure(const std::string& doing, int code);
    int code() const { return code_; }

    bool no_lmdb_file() const;  ///< what was opened was not written by (this version of) LMDB
    bool damaged() const;       ///< the file contradicts itself
    bool broken() const;        ///< a write of LMDB's own failed: the environment must be opened again

  private:
    int code_;
};

/// The map is full: thrown through the closure, so that the environment grows and runs it again. It is no
/// std::exception, so that a closure that catches its own does not take this one.
struct MapFull {};

/// A table's handle, valid as long as its environment.
using Table = unsigned int;

/// LMDB's limit in its usual build.
inline constexpr std::size_t key_bytes_max = 511;

/// One consistent view. Text that it gives is valid until the next write in the same transaction, or its end.
class ReadTransaction {
  public:
    explicit ReadTransaction(MDB_env* environment);
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;

    /// A table that exists.
    std::optional<Table> find_table(const char* name) const;
    /// LMDB's unnamed table; its keys are the names of the others.
    Table main_table() const;

    std::optional<std::string_view> get(Table table, std::string_view key) const;
    std::size_t count(Table table) const;

    /// Returns whether to go on.
    using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

    /// Visits keys from `from` (empty: the first) upwards. The visitor must not write.
    void scan(Table table, std::string_view from, const Visitor& visit) const;
    /// Visits keys less than `below` (empty: all) downwards. The visitor must not write.
    void scan_back(Table table, std::string_view below, const Visitor& visit) const;

  protected:
    ReadTransaction(MDB_env* environment, unsigned int flags);

    struct Abort {
        void operator()(MDB_txn* transaction) const;
    };
    std::unique_ptr<MDB_txn, Abort> transaction_;
};

/// The one transaction that writes; made by Environment::write().
class WriteTransaction : public ReadTransaction {
  public:
    explicit WriteTransaction(MDB_env* environment);

    /// A table, made when it is missing. The handle is valid after the commit.
    Table make_table(const char* name);

    /// Throws std::invalid_argument for a key that is empty or longer than key_bytes_max.
    void put(Table table, std::string_view key, std::string_view value);
    /// False when there was none.
    bool erase(Table table, std::string_view key);

    void commit();

    /// Whether anything was put or erased: without that a commit touches no disk.
    bool changed() const { return changed_; }

  private:
    bool changed_ = false;
};

struct EnvironmentOptions {
    std::size_t map_bytes = std::size_t{64} << 20U;
    std::size_t map_bytes_max = std::size_t{64} << 30U;
    bool read_only = false;  ///< the map is then as large as it may be, since another process may let it grow
};

/// An LMDB environment: `data.mdb` and `lock.mdb` in a folder. Open a folder only once in a process.
class Environment {
  public:
    /// Opens, or creates with mode 0600, and frees the slots of readers that died. Throws Failure.
    Environment(const std::filesystem::path& folder, const EnvironmentOptions& options);

    /// Closes and opens it again, when LMDB takes no transaction any more. Every table must be opened again.
    /// When it throws, every transaction fails as broken().
    void reopen();

    /// Runs the closure in a write transaction and commits it durably. When the map is full it is doubled and
    /// the closure is run again. An exception of the closure goes to the caller and nothing is changed.
    void write(const std::function<void(WriteTransaction&)>& closure);

    ReadTransaction read() const { return ReadTransaction(environment_.get()); }

    /// Writes what is committed now into an open, empty file, without the pages that are free. Other
    /// processes may write meanwhile.
    void copy(int file) const;

    std::size_t map_bytes() const { return map_bytes_; }
    std::uint64_t growths() const { return growths_; }

    /// How long the file must be to hold every page in use.
    std::uint64_t bytes_in_use() const;

  private:
    /// False when the map was full. It can grow only when no transaction is open.
    bool try_write(const std::function<void(WriteTransaction&)>& closure);
    void grow();
    void open();

    struct Close {
        void operator()(MDB_env* environment) const;
    };
    std::unique_ptr<MDB_env, Close> environment_;
    std::filesystem::path folder_;
    EnvironmentOptions options_;
    std::size_t map_bytes_;
    std::uint64_t growths_ = 0;
};

}  // namespace store::lmdb
