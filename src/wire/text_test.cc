// Encodings and dates against their specifications.
#include <gtest/gtest.h>

#include "wire/dates.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"
#include "wire/rest_codec.h"

namespace tarn::wire {
namespace {

TEST(Encoding, Base64OfRfc4648) {
  // RFC 4648 section 10.
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(plain), encoded);
    EXPECT_EQ(from_base64(encoded), plain);
  }
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_FALSE(from_base64("Z").has_value());
  EXPECT_FALSE(from_base64("Zm9*").has_value());
}

// Every length up to several vectors, so that each way through the vector code and its ends is
// taken.
TEST(Encoding, Base64ComesBackWhateverTheLength) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const std::string encoded = to_base64(bytes);
    EXPECT_EQ(encoded.size(), (bytes.size() + 2) / 3 * 4);
    EXPECT_EQ(from_base64(encoded), bytes) << bytes.size();
    bytes.push_back(static_cast<char>(i * 37 + 11));
  }
}

TEST(Encoding, Base64KnowsEveryByteOfItsAlphabetAndNoOther) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int c = 0; c < 256; ++c) {
    for (const std::size_t at : {0U, 7U, 15U, 16U, 33U, 39U}) {
      std::string text(40, 'A');
      text[at] = static_cast<char>(c);
      const bool known = kAlphabet.find(static_cast<char>(c)) != std::string_view::npos;
      // An equals sign at the end is padding.
      if (c == '=' && at == 39) continue;
      EXPECT_EQ(from_base64(text).has_value(), known) << c << " at " << at;
      if (known) {
        EXPECT_EQ(to_base64(*from_base64(text)), text);
      }
    }
  }
}

TEST(Encoding, JsonStringsEscapeWhatTheyMustWhereverItStands) {
  const std::pair<char, std::string> escapes[] = {{'"', "\\\""},       {'\\', "\\\\"},
                                                  {'\n', "\\n"},       {'\t', "\\t"},
                                                  {'\x01', "\\u0001"}, {'\x1f', "\\u001f"}};
  for (const auto& [character, escaped] : escapes) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, '\x7f');
      text.replace(3, 2, "é");
      std::string expected = "\"" + text + "\"";
      text[at] = character;
      expected.replace(at + 1, 1, escaped);
      std::string json;
      append_json_string(text, json);
      EXPECT_EQ(json, expected) << at;
    }
  }
}

TEST(Encoding, PercentEncodesAsSigv4Asks) {
  EXPECT_EQ(percent_encode("a b/c~é"), "a%20b%2Fc~%C3%A9");
  EXPECT_EQ(percent_encode("a/b", true), "a/b");
  EXPECT_EQ(percent_decode("a%20b%2fc+%zz%"), "a b/c+%zz%");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
}

TEST(Dates, EveryFormReadsTheSameMoment) {
  const Timestamp moment{1'369'353'600'000};
  EXPECT_EQ(from_any_date("2013-05-24T00:00:00Z"), moment);
  EXPECT_EQ(from_any_date("2013-05-24T02:00:00+02:00"), moment);
  EXPECT_EQ(from_any_date("2013-05-24T00:00:00.000Z"), moment);
  EXPECT_EQ(from_any_date("Fri, 24 May 2013 00:00:00 GMT"), moment);
  EXPECT_EQ(from_any_date("20130524T000000Z"), moment);
  EXPECT_EQ(from_any_date("1369353600"), moment);
  EXPECT_EQ(to_http_date(moment), "Fri, 24 May 2013 00:00:00 GMT");
  EXPECT_EQ(to_amz_date(moment), "20130524T000000Z");
  EXPECT_EQ(to_iso8601(Timestamp{moment.ms + 7}, true), "2013-05-24T00:00:00.007Z");
}

TEST(Dates, WhatIsNoDateIsRefused) {
  for (const std::string_view text :
       {"", "yesterday", "2013-13-01T00:00:00Z", "2013-02-30T00:00:00Z", "1e300", "nan",
        "2013-05-24T25:00:00Z"}) {
    EXPECT_FALSE(from_any_date(text).has_value()) << text;
  }
}

TEST(Paths, LabelsMatchSegmentsAndTheGreedyOneTheRest) {
  Labels labels;
  ASSERT_TRUE(match_path("/{Bucket}/{Key+}", "/b/a%20b/c", labels));
  EXPECT_EQ(labels[0].second, "b");
  EXPECT_EQ(labels[1].second, "a b/c");
  EXPECT_TRUE(match_path("/{Bucket}", "/b", labels));
  EXPECT_TRUE(match_path("/{Bucket}", "/b/", labels));
  EXPECT_FALSE(match_path("/{Bucket}", "/b/k", labels));
  EXPECT_FALSE(match_path("/{Bucket}/{Key+}", "/b/", labels));
  EXPECT_TRUE(match_path("/{Bucket}/{Key+}", "/b//", labels));
  EXPECT_EQ(labels[1].second, "/");
  EXPECT_TRUE(match_path("/", "/", labels));
  EXPECT_FALSE(match_path("/", "/b", labels));
}

}  // namespace
}  // namespace tarn::wire
