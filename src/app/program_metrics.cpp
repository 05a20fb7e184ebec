#include "app/program_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace app {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

/// A counter that somebody else counts.
void bring_to(prometheus::Counter& counter, double value) {
    counter.Increment(value - counter.Value());
}

double in_seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// The second number of /proc/self/statm: pages in memory.
double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double all = 0;
    double resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code failure;
    const std::filesystem::directory_iterator files("/proc/self/fd", failure);
    return failure ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

}  // namespace

ProgramMetrics::ProgramMetrics(prometheus::Registry& registry, std::string_view version)
    : commits_(counter(registry, "spot_manager_store_commits_total", "Transactions committed durably.")),
      commit_seconds_(counter(registry, "spot_manager_store_commit_seconds_total",
                              "Time spent in transactions that write, fsync included.")),
      map_bytes_(gauge(registry, "spot_manager_store_map_bytes", "Size of the store's memory map.")),
      waiting_(
          gauge(registry, "spot_manager_store_waiting", "Transactions that wait for the storage thread.")),
      writable_(gauge(registry, "spot_manager_store_writable", "1 while the store can be written, else 0.")),
      web_calls_(BuildCounter()
                     .Name("spot_manager_web_calls_total")
                     .Help("Calls of the HTTP API, by route, method and class of status.")
                     .Register(registry)),
      cpu_seconds_(counter(registry, "process_cpu_seconds_total", "Processor time used.")),
      resident_bytes_(gauge(registry, "process_resident_memory_bytes", "Memory in use.")),
      open_files_(gauge(registry, "process_open_fds", "Open files and sockets.")) {
    BuildGauge()
        .Name("spot_manager_build_info")
        .Help("Always 1; the version is a label.")
        .Register(registry)
        .Add({{"version", std::string(version)}})
        .Set(1);
    gauge(registry, "process_start_time_seconds", "When the process began, since 1970.")
        .Set(static_cast<double>(base::wall_now().time_since_epoch().count()) / 1000);
}

void ProgramMetrics::observe(const store::Statistics& statistics) {
    bring_to(commits_, static_cast<double>(statistics.commits));
    bring_to(commit_seconds_, static_cast<double>(statistics.commit_microseconds) / 1e6);
    map_bytes_.Set(static_cast<double>(statistics.map_bytes));
    waiting_.Set(static_cast<double>(statistics.waiting));
    writable_.Set(statistics.writable ? 1 : 0);
}

void ProgramMetrics::observe_process() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        bring_to(cpu_seconds_, in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime));
    }
    resident_bytes_.Set(resident_bytes());
    open_files_.Set(open_files());
}

void ProgramMetrics::web_call(std::string_view route, std::string_view method, int status) {
    web_calls_
        .Add({{"route", std::string(route)},
              {"method", std::string(method)},
              {"status", std::to_string(status / 100) + "xx"}})
        .Increment();
}

}  // namespace app
