// What stands in the way of deleting the stacks: launched clusters, added products, objects.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "platform/real/process_table.h"
#include "tarn/guidance.h"
#include "wire/checksum.h"

namespace tarn::app {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kCatalog = "AWS242ServiceCatalogService.";
constexpr std::chrono::milliseconds kLookAtRecord{300};
constexpr std::chrono::minutes kLongestRecord{60};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#13;"; break;
      case '\n': out += "&#10;"; break;
      default: out += c;
    }
  }
  return out;
}

// Of a page of versions and delete markers.
std::string removal_of(const std::vector<Json>& versions) {
  std::string out = "<Delete><Quiet>true</Quiet>";
  for (const Json& each : versions) {
    out += fmt::format("<Object><Key>{}</Key><VersionId>{}</VersionId></Object>",
                       escaped(text_in(each, "Key")), text_in(each, "VersionId"));
  }
  return out + "</Delete>";
}

std::vector<Json> versions_in(const Json& page) {
  std::vector<Json> out = list_in(page, "Version");
  const auto markers = list_in(page, "DeleteMarker");
  out.insert(out.end(), markers.begin(), markers.end());
  return out;
}

}  // namespace

Status Guidance::wait_for_record(const std::string& record) {
  const int looks = static_cast<int>(kLongestRecord / kLookAtRecord);
  for (int look = 0; look < looks; ++look) {
    TARN_TRY(
        const Json told,
        calls_.json("servicecatalog", std::string(kCatalog) + "DescribeRecord", {{"Id", record}}));
    const Json detail = told.value("RecordDetail", Json::object());
    const std::string status = text_in(detail, "Status");
    if (status == "SUCCEEDED") return {};
    if (status == "FAILED") {
      std::string why;
      for (const Json& error : list_in(detail, "RecordErrors"))
        why += " " + text_in(error, "Description");
      return Error(code::kInvalid, fmt::format("record {} failed:{}", record, why));
    }
    platform::real::pause_thread(kLookAtRecord);
  }
  return Error(code::kTimeout, fmt::format("record {} is still under way", record));
}

Status Guidance::end_provisioned(const std::vector<std::string>& products) {
  std::string page;
  std::vector<Json> found;
  do {
    Json input = {{"AccessLevelFilter", {{"Key", "Account"}, {"Value", "self"}}}};
    if (!page.empty()) input["PageToken"] = page;
    TARN_TRY(
        const Json told,
        calls_.json("servicecatalog", std::string(kCatalog) + "ScanProvisionedProducts", input));
    for (const Json& each : list_in(told, "ProvisionedProducts")) {
      const std::string product = text_in(each, "ProductId");
      if (std::find(products.begin(), products.end(), product) != products.end())
        found.push_back(each);
    }
    page = text_in(told, "NextPageToken");
  } while (!page.empty());
  for (const Json& each : found) {
    fmt::print("      {} ({}) ends\n", text_in(each, "Name"), text_in(each, "Id"));
    std::fflush(stdout);
    TARN_TRY(const Json ended,
             calls_.json("servicecatalog", std::string(kCatalog) + "TerminateProvisionedProduct",
                         {{"ProvisionedProductId", text_in(each, "Id")},
                          {"TerminateToken", text_in(each, "Id")}}));
    TARN_CHECK(wait_for_record(text_in(ended.value("RecordDetail", Json::object()), "RecordId")));
  }
  return {};
}

Status Guidance::leave_portfolio(const std::string& portfolio, const std::string& product) {
  TARN_TRY(const Json told,
           calls_.json("servicecatalog", std::string(kCatalog) + "ListConstraintsForPortfolio",
                       {{"PortfolioId", portfolio}, {"ProductId", product}}));
  for (const Json& each : list_in(told, "ConstraintDetails")) {
    TARN_TRY(const Json gone,
             calls_.json("servicecatalog", std::string(kCatalog) + "DeleteConstraint",
                         {{"Id", text_in(each, "ConstraintId")}}));
  }
  TARN_TRY(const Json left,
           calls_.json("servicecatalog", std::string(kCatalog) + "DisassociateProductFromPortfolio",
                       {{"PortfolioId", portfolio}, {"ProductId", product}}));
  return {};
}

Status Guidance::end_products() {
  const auto resources = stacks_.resources(std::string(kProductStack));
  if (!resources.ok()) {
    fmt::print("      none: there is no stack {}\n", kProductStack);
    return {};
  }
  const auto portfolio = resources->find("Portfolio");
  if (portfolio == resources->end() || portfolio->second.empty()) return {};
  TARN_TRY(const Json told,
           calls_.json("servicecatalog", std::string(kCatalog) + "SearchProductsAsAdmin",
                       {{"PortfolioId", portfolio->second}}));
  std::vector<std::string> products;
  std::vector<Json> added;
  for (const Json& each : list_in(told, "ProductViewDetails")) {
    const Json view = each.value("ProductViewSummary", Json::object());
    products.push_back(text_in(view, "ProductId"));
    const auto own = resources->find("ClusterProduct");
    if (own == resources->end() || own->second != products.back()) added.push_back(view);
  }
  TARN_CHECK(end_provisioned(products));
  for (const Json& view : added) {
    const std::string id = text_in(view, "ProductId");
    TARN_CHECK(leave_portfolio(portfolio->second, id));
    fmt::print(
        "      product {} has left the portfolio; aws servicecatalog delete-product --id {} "
        "deletes it\n",
        text_in(view, "Name"), id);
  }
  return {};
}

std::string Guidance::studio_bucket() {
  const auto resources = stacks_.resources(std::string(kStudioStack));
  if (!resources.ok()) return {};
  const auto bucket = resources->find("StudioBucket");
  return bucket == resources->end() ? "" : bucket->second;
}

Result<std::vector<Json>> Guidance::some_objects(const std::string& bucket) {
  const auto page = calls_.s3("GET", "/" + bucket, {{"versions", ""}, {"max-keys", "1000"}}, "");
  if (!page.ok() && page.error().is("NoSuchBucket")) return std::vector<Json>();
  if (!page.ok()) return page.error();
  return versions_in(*page);
}

Status Guidance::ask_for_objects(const Ask& ask) {
  const std::string bucket = studio_bucket();
  if (bucket.empty() || may_empty_) return {};
  TARN_TRY(const std::vector<Json> versions, some_objects(bucket));
  if (versions.empty()) return {};
  may_empty_ = ask(versions.size(), bucket);
  if (may_empty_) return {};
  return Error(code::kCancelled,
               fmt::format("bucket {} is not empty, and the stack {} cannot be deleted with it: "
                           "give --yes, or empty it yourself",
                           bucket, kStudioStack));
}

Status Guidance::empty_bucket(const Ask& ask) {
  const std::string bucket = studio_bucket();
  if (bucket.empty()) {
    fmt::print("      none: there is no bucket\n");
    return {};
  }
  // Clusters that ended since may have left logs.
  TARN_CHECK(ask_for_objects(ask));
  const std::string path = "/" + bucket;
  std::size_t deleted = 0;
  while (true) {
    TARN_TRY(const std::vector<Json> versions, some_objects(bucket));
    if (versions.empty()) break;
    const std::string body = removal_of(versions);
    wire::Checksum crc(wire::ChecksumAlgorithm::kCrc32);
    crc.update(body);
    TARN_TRY(const Json gone, calls_.s3("POST", path, {{"delete", ""}}, body,
                                        {{"Content-Type", "application/xml"},
                                         {"x-amz-checksum-crc32", crc.base64()}}));
    const auto errors = list_in(gone, "Error");
    if (!errors.empty()) {
      return Error(code::kInvalid, fmt::format("{}: {}", text_in(errors.front(), "Key"),
                                               text_in(errors.front(), "Message")));
    }
    deleted += versions.size();
  }
  fmt::print("      {} deleted\n", deleted);
  return {};
}

}  // namespace tarn::app
