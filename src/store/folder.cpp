#include "store/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace store {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

/// The process that holds the lock has written its id into the file.
std::string holder(int lock) {
    std::array<char, 16> text{};
    const auto length = ::pread(lock, text.data(), text.size(), 0);
    return length > 0 ? "process " + std::string(text.data(), static_cast<std::size_t>(length))
                      : "another process";
}

base::Result<void> create(const std::filesystem::path& path) {
    std::error_code error;
    if (path.has_parent_path()) {
        std::filesystem::create_directories(path.parent_path(), error);
    }
    if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        error.assign(errno, std::generic_category());
    }
    if (error) {
        return base::fail("the store's folder " + path.string() + " cannot be made: " + error.message());
    }
    if (!std::filesystem::is_directory(path, error)) {
        return base::fail("the store must be a folder, and " + path.string() + " is not one");
    }
    return {};
}

}  // namespace

std::optional<std::string_view> network_file_system(std::uint64_t type) {
    // FUSE is not among them: it is also what containers without root have for their local disks.
    constexpr std::array<std::pair<std::uint64_t, std::string_view>, 12> known{{
        {0x6969, "NFS"},
        {0x517B, "SMB"},
        {0xFF534D42, "CIFS"},
        {0xFE534D42, "SMB"},
        {0x01021997, "9P"},
        {0x00C36400, "Ceph"},
        {0x0BD00BD0, "Lustre"},
        {0x5346414F, "AFS"},
        {0x6B414653, "AFS"},
        {0x73757245, "Coda"},
        {0x01161970, "GFS2"},
        {0x7461636F, "OCFS2"},
    }};
    for (const auto& [number, name] : known) {
        if (number == type) {
            return name;
        }
    }
    return std::nullopt;
}

base::Result<Folder> Folder::take(const std::filesystem::path& given) {
    // "store/" names the same folder as "store".
    const auto path = given.has_filename() ? given : given.parent_path();
    if (auto created = create(path); !created) {
        return std::unexpected(std::move(created.error()));
    }
    struct statfs system{};
    if (::statfs(path.c_str(), &system) != 0) {
        return base::fail("the store's folder " + path.string() + " cannot be used: " + reason(errno));
    }
    // Some types are negative where the field is signed; only 32 bits are used.
    if (const auto network = network_file_system(static_cast<std::uint32_t>(system.f_type))) {
        return base::fail("the store's folder " + path.string() + " is on a network file system (" +
                          std::string(*network) +
                          "), where it would be damaged: choose a folder on a local disk");
    }
    const auto file = path / "lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        return base::fail("the store's lock " + file.string() + " cannot be opened: " + reason(errno));
    }
    Folder folder(path, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return base::fail(errno == EWOULDBLOCK
                              ? "the store in " + path.string() + " is in use by " + holder(lock) +
                                    ": only one spot-manager may have it open"
                              : "the store's lock " + file.string() + " cannot be taken: " + reason(errno));
    }
    const auto id = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, id.data(), id.size(), 0) < 0) {
        return base::fail("the store's lock " + file.string() + " cannot be written: " + reason(errno));
    }
    return folder;
}

Folder::Folder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

Folder::Folder(Folder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Folder::~Folder() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

}  // namespace store
