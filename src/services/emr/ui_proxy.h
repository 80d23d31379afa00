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
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/web.h"
#include "platform/network.h"
#include "platform/platform.h"

namespace tarn::emr {

// The programs of one cluster that have pages, by the names that paths below /_tarn/emr/CLUSTER/ui/
// give them: "8088" Spark's master, "8081" its worker ("8081-1": the next one, at an address of its
// own (workers.h); "8081-10.0.0.2": of a host that has joined), "4040" and above applications,
// "18080" the history server.
struct ClusterPages {
  std::string address;             // of its primary node
  int shift = 0;                   // ClusterRecord::port_shift
  std::vector<std::string> hosts;  // that run its workers; empty: this machine does
};

struct PageAddress {
  std::string address;
  std::uint16_t port = 0;

  bool operator==(const PageAddress&) const = default;
};

// nullopt where `name` names none of the cluster's.
[[nodiscard]] std::optional<PageAddress> find_page(const ClusterPages& pages,
                                                   std::string_view name);
[[nodiscard]] std::optional<std::string> name_of_page(const ClusterPages& pages,
                                                      const PageAddress& page);

// Where a page is and how its reader came to it.
struct PagePlace {
  ClusterPages pages;
  PageAddress program;
  std::string path;  // as the program takes it, with the query: "/jobs/?x=1"
  std::string base;  // that stands before `path` for the reader: "/_tarn/emr/j-1/ui/4040"
  std::string ui;    // "/_tarn/emr/j-1/ui"; empty: links stay as they are
};

// Every "http://ADDRESS:PORT" of the cluster in a page as what leads there here.
[[nodiscard]] std::string lead_links(std::string_view content, const PagePlace& place);

// Errors: BadGateway (502: the program does not answer).
[[nodiscard]] Task<Result<wire::Response>> fetch_page(platform::Tasks& tasks,
                                                      platform::Network& network, PagePlace place);

}  // namespace tarn::emr
