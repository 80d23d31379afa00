// Pages of Spark's through the gateway: whose they are, where their links lead, who may see them.
#include "services/emr/ui_proxy.h"

#include "services/emr/emr_fixture.h"
#include "services/emr/ui_token.h"

namespace tarn::emr {
namespace {

const ClusterPages kHere{"127.77.3.4", 0, {}};
const ClusterPages kOnHosts{"10.0.0.1", 1, {"10.0.0.2", "10.0.0.3"}};

PageAddress found(const ClusterPages& pages, std::string_view name) {
  return find_page(pages, name).value_or(PageAddress{});
}

TEST(UiProxy, OnlySparksOwnPagesHaveNames) {
  for (const char* name : {"8088", "8081", "8081-178", "4040", "4056", "18080"})
    EXPECT_TRUE(find_page(kHere, name)) << name;
  for (const char* name : {"", "22", "4039", "4057", "8088x", "8081-", "8081-0", "8081-179", "x",
                           "8081-10.0.0.2", "18480"})
    EXPECT_FALSE(find_page(kHere, name)) << name;
}

TEST(UiProxy, AFurtherWorkerHasAnAddressOfItsOwn) {
  EXPECT_EQ(found(kHere, "8081"), (PageAddress{"127.77.3.4", 8081}));
  EXPECT_EQ(found(kHere, "8081-2"), (PageAddress{"127.79.3.4", 8081}));
  EXPECT_EQ(name_of_page(kHere, {"127.79.3.4", 8081}), "8081-2");
}

// The second cluster of hosts: its programs are beside the first one's ports.
TEST(UiProxy, OfAClusterOnHostsTheNamesAreTheSameAndWorkersAreTheHosts) {
  EXPECT_EQ(found(kOnHosts, "8088"), (PageAddress{"10.0.0.1", 8089}));
  EXPECT_EQ(found(kOnHosts, "18080"), (PageAddress{"10.0.0.1", 18481}));
  EXPECT_EQ(found(kOnHosts, "8081-10.0.0.3"), (PageAddress{"10.0.0.3", 8081}));
  EXPECT_EQ(found(kOnHosts, "4057"), (PageAddress{"10.0.0.1", 4057}));
  for (const char* name : {"8081", "8081-1", "8081-10.0.0.4", "8081-10.0.0.1", "4056", "4074"})
    EXPECT_FALSE(find_page(kOnHosts, name)) << name;
  for (const char* name : {"8088", "8081-10.0.0.2", "4073", "18080"})
    EXPECT_EQ(name_of_page(kOnHosts, found(kOnHosts, name)), name);
}

TEST(UiProxy, LinksToTheClustersProgramsLeadThroughTheGatewayAndOthersStay) {
  PagePlace place;
  place.pages = kHere;
  const std::string page =
      "<a href=\"http://127.77.3.4:8081\"> <a href='http://127.78.3.4:8081/x'> "
      "http://127.77.3.4:18480/history/ http://127.77.3.4:22 http://127.77.3.40:8081 "
      "http://127.0.0.1:4566 http://a.example http://127.";
  EXPECT_EQ(lead_links(page, place), page) << "at a port of its own";
  place.ui = "/ui";
  EXPECT_EQ(lead_links(page, place),
            "<a href=\"/ui/8081\"> <a href='/ui/8081-1/x'> /ui/18080/history/ "
            "http://127.77.3.4:22 http://127.77.3.40:8081 http://127.0.0.1:4566 http://a.example "
            "http://127.");
  place.pages = kOnHosts;
  EXPECT_EQ(
      lead_links("http://10.0.0.2:8081/logPage http://10.0.0.9:8081 http://10.0.0.1:4058/", place),
      "/ui/8081-10.0.0.2/logPage http://10.0.0.9:8081 /ui/4058/");
}

class UiTokenTest : public EmrTest {
 protected:
  bool opens(const std::string& token, const std::string& place) {
    return keys_of_ui_token(token, place, *credentials_, scheduler_.now()).has_value();
  }
};

TEST_F(UiTokenTest, ATokenIsForOnePlaceUntilItsEnd) {
  const std::string token =
      ui_token(credentials_->root(), "j-1", scheduler_.now() + std::chrono::minutes(5));
  EXPECT_TRUE(opens(token, "j-1"));
  EXPECT_FALSE(opens(token, "j-2"));
  EXPECT_FALSE(opens("9" + token, "j-1")) << "a later end";
  for (const char* bad : {"", "x", "1", "9999999999999.AKIAROOT", "9999999999999..", "."})
    EXPECT_FALSE(opens(bad, "j-1")) << bad;
  pass(std::chrono::minutes(5));
  EXPECT_TRUE(opens(token, "j-1"));
  pass(std::chrono::milliseconds(1));
  EXPECT_FALSE(opens(token, "j-1"));
}

TEST_F(UiTokenTest, ATokenEndsWithTheKeyOfWhoAskedForIt) {
  const auto keys = credentials_->issue_session(credentials_->root(), livy::kCredentialLife);
  const std::string token = ui_token(*keys, "j-1", scheduler_.now() + kCookieLife);
  EXPECT_TRUE(opens(token, "j-1"));
  ASSERT_TRUE(credentials_->revoke(keys->access_key_id).ok());
  EXPECT_FALSE(opens(token, "j-1"));
}

}  // namespace
}  // namespace tarn::emr
