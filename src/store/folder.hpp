#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace store {

/// LMDB's file with the store, in its folder.
inline constexpr auto data_file = "data.mdb";

/// The store's folder, held by this process alone until the object ends.
class Folder {
  public:
    /// Creates it (mode 0700) when there is none, and locks it. The error is a sentence: no access, a network
    /// file system, or in use by another process.
    static base::Result<Folder> take(const std::filesystem::path& path);

    Folder(Folder&& other) noexcept;
    Folder& operator=(Folder&&) = delete;
    ~Folder();

    const std::filesystem::path& path() const { return path_; }

  private:
    Folder(std::filesystem::path path, int lock);

    std::filesystem::path path_;
    int lock_;
};

/// What a file system is called whose memory maps are not shared between the machines that mount it, by the
/// type that statfs(2) gives; nothing for any other.
std::optional<std::string_view> network_file_system(std::uint64_t type);

}  // namespace store
