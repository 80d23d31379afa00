#include "services/emr/ui_proxy.h"

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

// What the reader's browser knows a program's own port as.
std::uint16_t known_port(std::uint16_t port) {
  return port == kHistoryOwnPort ? kHistoryPort : port;
}

bool is_page_port(std::uint16_t port) {
  return port == kMasterPagePort || port == kPageOfWorker || port == kHistoryPort ||
         (port >= kFirstApplicationPort && port <= kLastApplicationPort);
}

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

bool take_text(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// The page of the cluster that "77.x.y:PORT…" names, which is then taken off.
std::optional<PageName> take_page(std::string_view& text, std::string_view place) {
  std::string_view left = text;
  const auto number = take_number(left);
  if (!number || *number < kClusterNumber || *number > kMostNumber) return std::nullopt;
  if (!take_text(left, ".") || !take_text(left, place) || !take_text(left, ":"))
    return std::nullopt;
  const auto port = take_number(left);
  if (!port || !is_page_port(known_port(*port))) return std::nullopt;
  text = left;
  return PageName{known_port(*port), *number - kClusterNumber};
}

std::string text_of(const PageName& name) {
  return name.worker == 0 ? std::to_string(name.port)
                          : fmt::format("{}-{}", name.port, name.worker);
}

}  // namespace

std::optional<PageName> parse_page_name(std::string_view text) {
  const auto port = take_number(text);
  if (!port || !is_page_port(*port)) return std::nullopt;
  if (text.empty()) return PageName{*port, 0};
  if (!take_text(text, "-")) return std::nullopt;
  const auto worker = take_number(text);
  if (!worker || !text.empty() || *worker == 0 || *worker > kMostNumber - kClusterNumber)
    return std::nullopt;
  return PageName{*port, *worker};
}

std::string address_of(const PageName& name, const std::string& cluster_address) {
  return name.worker == 0 ? cluster_address
                          : fmt::format("{}{}.{}", kLoopback, kClusterNumber + name.worker,
                                        place_of_cluster(cluster_address));
}

std::string lead_links(std::string content, const PagePlace& place) {
  if (place.ui.empty()) return content;
  const std::string start = fmt::format("http://{}", kLoopback);
  const std::string_view cluster = place_of_cluster(place.cluster_address);
  std::string out;
  out.reserve(content.size());
  std::string_view left = content;
  for (;;) {
    const std::size_t at = left.find(start);
    out += left.substr(0, at);
    if (at == std::string_view::npos) return out;
    left.remove_prefix(at + start.size());
    const auto page = take_page(left, cluster);
    out += page ? fmt::format("{}/{}", place.ui, text_of(*page)) : start;
  }
}

Task<Result<wire::Response>> fetch_page(platform::Tasks& tasks, platform::Network& network,
                                        PagePlace place) {
  const auto fetch = [&] {
    platform::Question question;
    question.path = place.path;
    if (!place.base.empty()) question.headers.emplace_back("X-Forwarded-Context", place.base);
    return network.fetch(place.address, place.port, question, kUiPatience);
  };
  auto answer = co_await tasks.offload(fetch);
  if (!answer.ok()) {
    co_return Error("BadGateway",
                    fmt::format("Nothing answers at port {} of {}: {}.", known_port(place.port),
                                place.address, answer.error().message),
                    502);
  }
  wire::Response out;
  out.status = answer->status;
  const bool is_text = answer->content_type.starts_with("text/html");
  if (!answer->content_type.empty()) out.headers.add("Content-Type", answer->content_type);
  if (!answer->location.empty()) {
    std::string to = lead_links(answer->location, place);
    if (to.starts_with('/') && !to.starts_with(place.base + "/")) to = place.base + to;
    out.headers.add("Location", std::move(to));
  }
  out.content =
      is_text ? lead_links(std::move(answer->content), place) : std::move(answer->content);
  co_return out;
}

}  // namespace tarn::emr
