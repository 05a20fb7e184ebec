#pragma once

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>

/// No file may become longer while this lives: to the store it is a full disk.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        const rlimit full{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

  private:
    rlimit before_{};
    void (*signal_)(int);
};
