// UiProxy: Spark's pages of a cluster, so that their links lead back through the gateway.
//
// Place: services/emr, under emr_room.h. Threads: pure functions, but for fetch_page, a coroutine
// of the control strand.
//
// Spark puts before its own links what the header X-Forwarded-Context says
// (org.apache.spark.ui.UIUtils.uiRoot). Links from one of its programs to another are whole
// addresses, and are rewritten here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/web.h"
#include "platform/network.h"
#include "platform/platform.h"

namespace tarn::emr {

// Spark's master, worker, history server and applications (from 4040 on; a further application
// takes the next, spark.port.maxRetries).
inline constexpr std::uint16_t kPageOfWorker = 8081;
inline constexpr std::uint16_t kFirstApplicationPort = 4040;
inline constexpr std::uint16_t kLastApplicationPort = 4056;

// A page as a path names it: "4040"; "8081-2": of a worker that has an address of its own
// (workers.h), 127.79.x.y of the cluster at 127.77.x.y.
struct PageName {
  std::uint16_t port = 0;
  int worker = 0;
};

// nullopt where `text` names none of Spark's.
[[nodiscard]] std::optional<PageName> parse_page_name(std::string_view text);
[[nodiscard]] std::string address_of(const PageName& name, const std::string& cluster_address);

// Where a page is and how its reader came to it.
struct PagePlace {
  std::string cluster_address;
  std::string address;     // of the program
  std::uint16_t port = 0;  // and its own
  std::string path;        // as the program takes it, with the query: "/jobs/?x=1"
  std::string base;        // that stands before `path` for the reader: "/_tarn/emr/j-1/ui/4040"
  std::string ui;          // "/_tarn/emr/j-1/ui"; empty: links stay as they are
};

// Every "http://ADDRESS:PORT" of the cluster in a page as what leads there here.
[[nodiscard]] std::string lead_links(std::string content, const PagePlace& place);

// Errors: BadGateway (502: the program does not answer).
[[nodiscard]] Task<Result<wire::Response>> fetch_page(platform::Tasks& tasks,
                                                      platform::Network& network, PagePlace place);

}  // namespace tarn::emr
