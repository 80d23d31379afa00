#include "services/emr/notebooks.h"

#include <algorithm>
#include <charconv>

#include "services/emr/configurations.h"
#include "services/emr/life.h"

namespace tarn::emr {
namespace {

// https://github.com/apache/incubator-livy/blob/master/conf/livy.conf.template
constexpr std::chrono::hours kUsualTimeout{1};  // of kLivyTimeout

// A time as Livy reads it: "90s", "10m", "1h", "2d"; milliseconds without a unit. `otherwise`
// for what is none.
std::chrono::seconds livy_time(const std::string& text, std::chrono::seconds otherwise) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return otherwise;
  const std::string_view name(unit, static_cast<std::size_t>(end - unit));
  if (name.empty() || name == "ms") return std::chrono::seconds(number / 1000);
  if (name == "s") return std::chrono::seconds(number);
  if (name == "m" || name == "min") return std::chrono::minutes(number);
  if (name == "h") return std::chrono::hours(number);
  if (name == "d") return std::chrono::hours(24 * number);
  return otherwise;
}

livy::Options session_options(const Surroundings& around, const ClusterRecord& cluster,
                              const sandbox::Sandbox& box, int warm) {
  livy::Options out = around.options.spark;
  out.data_directory = folder_of(around.options, cluster) + "/livy";
  out.cores = cluster.granted.vcpu;
  out.warm_drivers = warm;
  out.cluster = session_site(around.options, cluster, box);
  auto conf = apply_configurations(cluster.request).livy;
  if (conf[std::string(kLivyTimeoutCheck)] != "false") {
    out.session_timeout =
        livy_time(conf[std::string(kLivyTimeout)], std::chrono::seconds(kUsualTimeout));
  }
  return out;
}

}  // namespace

bool Notebooks::wanted(const ClusterRecord& cluster) {
  const auto& applications = cluster.request.applications;
  return applications &&
         std::any_of(applications->begin(), applications->end(), [](const Application& each) {
           return each.name == "Livy" || each.name == "JupyterEnterpriseGateway";
         });
}

Notebooks::Notebooks(const Surroundings& around, const ClusterRecord& cluster,
                     const sandbox::Sandbox& box)
    : doors_(around.doors),
      warm_drivers_(around.warm_drivers),
      id_(cluster.id),
      address_(cluster.address),
      port_(static_cast<std::uint16_t>(kLivyPort + cluster.port_shift)),
      warm_(std::clamp(around.warm_drivers.left, 0, 1)),
      room_(around.platform, around.credentials, around.sandboxes,
            session_options(around, cluster, box, warm_)) {
  warm_drivers_.left -= warm_;
}

Notebooks::~Notebooks() {
  warm_drivers_.left += warm_;
}

Status Notebooks::open() {
  TARN_CHECK(doors_.open(address_, port_, "emr/" + id_ + "/livy"));
  return room_.start();
}

Task<void> Notebooks::close() {
  doors_.close(address_, port_);
  co_await room_.shut_down();
}

bool Notebooks::are_sessions(const std::vector<std::string>& applications) {
  const auto own = room_.sessions().applications();
  known_.insert(own.begin(), own.end());
  // A session that has ended is known as long as the master tells of it.
  std::erase_if(known_, [&](const std::string& id) {
    const auto is_id = [&id](const std::string& each) {
      return each == id;
    };
    return std::none_of(applications.begin(), applications.end(), is_id) &&
           std::none_of(own.begin(), own.end(), is_id);
  });
  const auto others = std::count_if(applications.begin(), applications.end(),
                                    [this](const std::string& id) { return !known_.contains(id); });
  // A driver registers with the master before it knows its own number.
  return static_cast<std::size_t>(others) <= room_.sessions().warming();
}

}  // namespace tarn::emr
