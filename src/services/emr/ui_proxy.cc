#include "services/emr/ui_proxy.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/emr/history_server.h"
#include "services/emr/launch.h"

namespace tarn::emr {
namespace {

constexpr std::chrono::milliseconds kUiPatience{20000};  // a page with thousands of stages

// Of this machine, the second number of a cluster's address and those of its further workers.
constexpr std::string_view kLoopback = "127.";
constexpr int kClusterNumber = 77;
constexpr int kMostNumber = 255;
constexpr std::string_view kMasterName = "8088";
constexpr std::string_view kWorkerName = "8081";
constexpr std::string_view kHistoryName = "18080";

// "x.y" of the address 127.77.x.y.
std::string_view place_of_cluster(std::string_view address) {
  const std::size_t dot = address.find('.', kLoopback.size());
  return dot == std::string_view::npos ? std::string_view() : address.substr(dot + 1);
}

// The number that `text` begins with, which is then taken off; nullopt where it begins with none.
std::optional<std::uint16_t> take_number(std::string_view& text) {
  std::uint16_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

std::uint16_t shifted(int port, const ClusterPages& pages) {
  return static_cast<std::uint16_t>(port + pages.shift);
}

bool has_host(const ClusterPages& pages, std::string_view address) {
  return std::find(pages.hosts.begin(), pages.hosts.end(), address) != pages.hosts.end();
}

// The page of a worker by what stands after "8081".
std::optional<PageAddress> find_worker_page(const ClusterPages& pages, std::string_view rest) {
  if (rest.empty() && pages.hosts.empty()) return PageAddress{pages.address, kPageOfWorker};
  if (!rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  if (!pages.hosts.empty()) {
    if (!has_host(pages, rest)) return std::nullopt;
    return PageAddress{std::string(rest), kPageOfWorker};
  }
  const auto worker = take_number(rest);
  if (!worker || !rest.empty() || *worker == 0 || *worker > kMostNumber - kClusterNumber)
    return std::nullopt;
  return PageAddress{
      fmt::format("{}{}.{}", kLoopback, kClusterNumber + *worker, place_of_cluster(pages.address)),
      kPageOfWorker};
}

std::optional<std::string> name_of_worker_page(const ClusterPages& pages,
                                               std::string_view address) {
  if (!pages.hosts.empty()) {
    if (!has_host(pages, address)) return std::nullopt;
    return fmt::format("{}-{}", kWorkerName, address);
  }
  if (address == pages.address) return std::string(kWorkerName);
  if (!address.starts_with(kLoopback)) return std::nullopt;
  std::string_view number = address.substr(kLoopback.size());
  const auto worker = take_number(number);
  if (!worker || *worker <= kClusterNumber || *worker > kMostNumber) return std::nullopt;
  if (place_of_cluster(address) != place_of_cluster(pages.address)) return std::nullopt;
  return fmt::format("{}-{}", kWorkerName, *worker - kClusterNumber);
}

// "ADDRESS:PORT" that `text` begins with, which is then taken off.
std::optional<PageAddress> take_address(std::string_view& text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == 0 || end == std::string_view::npos || text[end] != ':') return std::nullopt;
  std::string_view left = text.substr(end + 1);
  const auto port = take_number(left);
  if (!port) return std::nullopt;
  PageAddress out{std::string(text.substr(0, end)), *port};
  text = left;
  return out;
}

// Pages that a browser makes tables of are JSON with addresses in it.
bool may_have_links(std::string_view content_type) {
  return content_type.starts_with("text/html") || content_type.starts_with("application/json");
}

}  // namespace

std::optional<PageAddress> find_page(const ClusterPages& pages, std::string_view name) {
  if (name == kMasterName) return PageAddress{pages.address, shifted(kMasterPagePort, pages)};
  if (name == kHistoryName) return PageAddress{pages.address, shifted(kHistoryOwnPort, pages)};
  if (name.starts_with(kWorkerName)) return find_worker_page(pages, name.substr(4));
  const auto port = take_number(name);
  if (!port || !name.empty()) return std::nullopt;
  const int first = first_application_port(pages.shift);
  if (*port < first || *port > first + kApplicationPorts) return std::nullopt;
  return PageAddress{pages.address, *port};
}

std::optional<std::string> name_of_page(const ClusterPages& pages, const PageAddress& page) {
  if (page.port == kPageOfWorker) return name_of_worker_page(pages, page.address);
  if (page.address != pages.address) return std::nullopt;
  if (page.port == shifted(kMasterPagePort, pages)) return std::string(kMasterName);
  for (const std::uint16_t port : {kHistoryPort, kHistoryOwnPort}) {
    if (page.port == shifted(port, pages)) return std::string(kHistoryName);
  }
  std::string name = std::to_string(page.port);
  if (find_page(pages, name) != page) return std::nullopt;
  return name;
}

std::string lead_links(std::string_view content, const PagePlace& place) {
  if (place.ui.empty()) return std::string(content);
  constexpr std::string_view kStart = "http://";
  std::string out;
  out.reserve(content.size());
  for (;;) {
    const std::size_t at = content.find(kStart);
    out += content.substr(0, at);
    if (at == std::string_view::npos) return out;
    content.remove_prefix(at + kStart.size());
    std::string_view after = content;
    const auto page = take_address(after);
    const auto name = page ? name_of_page(place.pages, *page) : std::nullopt;
    if (name) {
      out += fmt::format("{}/{}", place.ui, *name);
      content = after;
    } else {
      out += kStart;
    }
  }
}

Task<Result<wire::Response>> fetch_page(platform::Tasks& tasks, platform::Network& network,
                                        PagePlace place) {
  const auto fetch = [&] {
    platform::Question question;
    question.path = place.path;
    if (!place.base.empty()) question.headers.emplace_back("X-Forwarded-Context", place.base);
    return network.fetch(place.program.address, place.program.port, question, kUiPatience);
  };
  auto answer = co_await tasks.offload(fetch);
  if (!answer.ok()) {
    co_return Error("BadGateway",
                    fmt::format("Nothing answers at port {} of {}: {}.", place.program.port,
                                place.program.address, answer.error().message),
                    502);
  }
  wire::Response out;
  out.status = answer->status;
  if (!answer->content_type.empty()) out.headers.add("Content-Type", answer->content_type);
  if (!answer->location.empty()) {
    std::string to = lead_links(answer->location, place);
    if (to.starts_with('/') && !to.starts_with(place.base + "/")) to = place.base + to;
    out.headers.add("Location", std::move(to));
  }
  out.content = may_have_links(answer->content_type) ? lead_links(answer->content, place)
                                                     : std::move(answer->content);
  co_return out;
}

}  // namespace tarn::emr
