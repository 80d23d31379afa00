#include "services/ec2/network.h"

namespace tarn::ec2 {
namespace {

// First byte of every value: the version of docs/formats/ec2.md. A shape as JSON follows.
constexpr char kRecordVersion = '1';
constexpr std::string_view kBegunPrefix = "begun/";

template <class Shape>
void apply(typename AllTables::Table<Shape>& changed, AllTables& to) {
  auto& table = to.of<Shape>();
  for (auto& [key, entry] : changed) {
    if (entry) {
      table[key] = std::move(entry);
    } else {
      table.erase(key);
    }
  }
}

}  // namespace

template <class Shape>
Status Network::load_table() {
  const std::string prefix = record_key<Shape>("");
  TARN_TRY(const auto records, store_.scan(store::Space::kEc2, prefix));
  for (const auto& [key, record] : records) {
    if (record.empty() || record.front() != kRecordVersion)
      return Error(code::kCorrupt, fmt::format("the stored record {} of EC2 is damaged", key));
    Shape shape;
    const std::string_view text = std::string_view(record).substr(1);
    const Status read = wire::from_json(Shape::schema(), text, &shape);
    if (!read.ok()) {
      return Error(code::kCorrupt, fmt::format("the stored record {} of EC2 is damaged: {}", key,
                                               read.error().message));
    }
    tables_.of<Shape>()[key.substr(prefix.size())] =
        std::make_shared<const Shape>(std::move(shape));
  }
  return {};
}

Status Network::load() {
  TARN_CHECK(load_table<Vpc>());
  TARN_CHECK(load_table<Subnet>());
  TARN_CHECK(load_table<RouteTable>());
  TARN_CHECK(load_table<InternetGateway>());
  TARN_CHECK(load_table<NatGateway>());
  TARN_CHECK(load_table<Address>());
  TARN_CHECK(load_table<SecurityGroup>());
  TARN_CHECK(load_table<SecurityGroupRule>());
  TARN_CHECK(load_table<VpcEndpoint>());
  TARN_CHECK(load_table<KeyPairInfo>());
  TARN_CHECK(load_table<DescribeVpcAttributeResult>());
  TARN_TRY(const auto begun, store_.scan(store::Space::kEc2, kBegunPrefix));
  for (const auto& [key, record] : begun) begun_[key.substr(kBegunPrefix.size())] = true;
  return {};
}

Status Network::keep(const std::string& region, const Change& change, bool begins) {
  const std::lock_guard changing(changing_);
  if (begins && begun_.count(region) > 0) return {};
  // Only changes write to the tables, and this is the only one.
  Draft draft(tables_, region);
  TARN_CHECK(change(draft));
  if (begins) draft.batch_.put(store::Space::kEc2, std::string(kBegunPrefix) + region, "1");
  TARN_CHECK(store_.commit(draft.batch_));
  const std::unique_lock lock(mutex_);
  if (begins) begun_[region] = true;
  apply<Vpc>(draft.after_.of<Vpc>(), tables_);
  apply<Subnet>(draft.after_.of<Subnet>(), tables_);
  apply<RouteTable>(draft.after_.of<RouteTable>(), tables_);
  apply<InternetGateway>(draft.after_.of<InternetGateway>(), tables_);
  apply<NatGateway>(draft.after_.of<NatGateway>(), tables_);
  apply<Address>(draft.after_.of<Address>(), tables_);
  apply<SecurityGroup>(draft.after_.of<SecurityGroup>(), tables_);
  apply<SecurityGroupRule>(draft.after_.of<SecurityGroupRule>(), tables_);
  apply<VpcEndpoint>(draft.after_.of<VpcEndpoint>(), tables_);
  apply<KeyPairInfo>(draft.after_.of<KeyPairInfo>(), tables_);
  apply<DescribeVpcAttributeResult>(draft.after_.of<DescribeVpcAttributeResult>(), tables_);
  return {};
}

Status Network::change(const std::string& region, const Change& change) {
  return keep(region, change, false);
}

Status Network::begin(const std::string& region, const Change& change) {
  {
    const std::shared_lock lock(mutex_);
    if (begun_.count(region) > 0) return {};
  }
  return keep(region, change, true);
}

}  // namespace tarn::ec2
