#include "store/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "store/folder.hpp"
#include "store/open.hpp"
#include "store/store.hpp"

namespace store {
namespace {

namespace fs = std::filesystem;

std::error_code last_error() {
    return {errno, std::generic_category()};
}

/// An open file or folder.
class Descriptor {
  public:
    Descriptor(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    bool is_open() const { return number_ >= 0; }
    int number() const { return number_; }

  private:
    int number_;
};

/// Something of our own that is removed when it has not become what it was made for.
class Temporary {
  public:
    explicit Temporary(fs::path path) : path_(std::move(path)) {}
    ~Temporary() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

/// What was written to it, or renamed in it, stays after a power cut.
std::error_code make_durable(const fs::path& path) {
    const Descriptor descriptor(path, O_RDONLY);
    return descriptor.is_open() && ::fsync(descriptor.number()) == 0 ? std::error_code{} : last_error();
}

fs::path folder_of(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : ".";
}

/// The first name beside data.mdb that is free.
fs::path place_for_old(const fs::path& folder) {
    for (int number = 1;; ++number) {
        auto path = folder / ("data.mdb.replaced-" + std::to_string(number));
        if (!fs::exists(path)) {
            return path;
        }
    }
}

/// As rename(2), but what is there already stays, where the file system can promise that.
std::error_code rename_to_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    if (errno != EINVAL) {
        return last_error();
    }
    std::error_code error;
    fs::rename(from, to, error);
    return error;
}

/// Opens the copy of `backup` in `folder` as the manager will.
base::Result<Restored> inspect(const fs::path& folder, const fs::path& backup) {
    Restored restored;
    {
        const auto opened = open_to_write(folder, {}, backup);
        if (!opened) {
            return std::unexpected(opened.error());
        }
        if (opened->is_new) {
            return base::fail(backup.string() + " is not a store of spot-manager; it is empty");
        }
        const auto transaction = opened->environment->read();
        const auto records = transaction.find_table("records");
        restored.names = records ? transaction.count(*records) : 0;
    }
    const auto store = Store::open(folder);
    if (!store) {
        return std::unexpected(store.error());
    }
    restored.unreadable = (*store)->quarantined();
    return restored;
}

/// Puts the new data.mdb in the place of the old one, which is kept. There is one of them at any moment.
std::error_code put_in_place(const fs::path& fresh, const fs::path& folder, Restored& restored) {
    std::error_code error = make_durable(fresh);
    if (!error && fs::exists(folder / data_file)) {
        restored.kept = place_for_old(folder);
        fs::create_hard_link(folder / data_file, *restored.kept, error);
    }
    if (!error) {
        // It speaks of the old file, to processes that may still read that.
        fs::remove(folder / "lock.mdb", error);
    }
    if (!error) {
        fs::rename(fresh, folder / data_file, error);
    }
    return error ? error : make_durable(folder);
}

}  // namespace

base::Result<void> back_up(const fs::path& folder, const fs::path& file) {
    const auto fail = [&](const std::error_code& error) {
        return base::fail("the backup " + file.string() + " cannot be written: " + error.message());
    };
    std::error_code error;
    if (fs::symlink_status(file, error).type() != fs::file_type::not_found) {
        return base::fail("the backup " + file.string() + " is there already; it is not overwritten");
    }
    const auto environment = open_to_read(folder);
    if (!environment) {
        return std::unexpected(environment.error());
    }
    const Temporary partial(file.string() + ".partial-" + std::to_string(::getpid()));
    try {
        const Descriptor descriptor(partial.path(), O_WRONLY | O_CREAT | O_EXCL);
        if (!descriptor.is_open()) {
            return fail(last_error());
        }
        (*environment)->copy(descriptor.number());
        if (::fsync(descriptor.number()) != 0) {
            return fail(last_error());
        }
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, folder / data_file));
    }
    error = rename_to_new(partial.path(), file);
    if (!error) {
        error = make_durable(folder_of(file));
    }
    return error ? fail(error) : base::Result<void>{};
}

base::Result<Restored> restore(const fs::path& backup, const fs::path& folder, bool replace) {
    std::error_code error;
    if (!fs::is_regular_file(backup, error)) {
        return base::fail("the backup " + backup.string() +
                          " cannot be read: " + (error ? error.message() : "it is not a file"));
    }
    const auto taken = Folder::take(folder);
    if (!taken) {
        return std::unexpected(taken.error());
    }
    if (fs::exists(folder / data_file) && !replace) {
        return base::fail("there is a store in " + folder.string() +
                          " already: with --replace it is kept beside the restored one");
    }
    const Temporary trial(folder / "restoring");
    fs::remove_all(trial.path(), error);
    fs::create_directory(trial.path(), error);
    const auto fresh = trial.path() / data_file;
    if (!error && fs::copy_file(backup, fresh, error)) {
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
    }
    if (error) {
        return base::fail("the backup " + backup.string() + " cannot be copied to " + fresh.string() + ": " +
                          error.message());
    }
    auto restored = inspect(trial.path(), backup);
    if (!restored) {
        return restored;
    }
    error = put_in_place(fresh, folder, *restored);
    if (error) {
        return base::fail("the store in " + folder.string() + " cannot be replaced: " + error.message());
    }
    return restored;
}

}  // namespace store
