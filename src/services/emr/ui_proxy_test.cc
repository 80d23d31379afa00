// Pages of Spark's through the gateway: whose they are, where their links lead, who may see them.
#include "services/emr/ui_proxy.h"

#include "services/emr/emr_fixture.h"
#include "services/emr/ui_token.h"

namespace tarn::emr {
namespace {

TEST(UiProxy, OnlySparksOwnPagesHaveNames) {
  for (const char* name : {"8088", "8081", "4040", "4056", "18080"})
    EXPECT_TRUE(parse_page_name(name)) << name;
  for (const char* name : {"", "22", "4039", "4057", "8088x", "8081-", "8081-0", "8081-179", "x"})
    EXPECT_FALSE(parse_page_name(name)) << name;
}

TEST(UiProxy, AFurtherWorkerHasAnAddressOfItsOwn) {
  EXPECT_EQ(address_of(*parse_page_name("8081"), "127.77.3.4"), "127.77.3.4");
  EXPECT_EQ(address_of(*parse_page_name("8081-2"), "127.77.3.4"), "127.79.3.4");
}

TEST(UiProxy, LinksToTheClustersProgramsLeadThroughTheGatewayAndOthersStay) {
  PagePlace place;
  place.cluster_address = "127.77.3.4";
  const std::string page =
      "<a href=\"http://127.77.3.4:8081\"> <a href='http://127.78.3.4:8081/x'> "
      "http://127.77.3.4:18480/history/ http://127.77.3.4:22 http://127.77.3.40:8081 "
      "http://127.0.0.1:4566 http://127.";
  EXPECT_EQ(lead_links(page, place), page) << "at a port of its own";
  place.ui = "/ui";
  EXPECT_EQ(lead_links(page, place),
            "<a href=\"/ui/8081\"> <a href='/ui/8081-1/x'> /ui/18080/history/ "
            "http://127.77.3.4:22 http://127.77.3.40:8081 http://127.0.0.1:4566 http://127.");
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
