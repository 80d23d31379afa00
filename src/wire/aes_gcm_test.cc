#include "wire/aes_gcm.h"

#include <gtest/gtest.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

std::string bytes(std::string_view hex) {
  return *from_hex(hex);
}

// Test case 16 of the GCM specification: 256-bit key, additional data, a text that ends within a
// block (https://csrc.nist.rip/groups/ST/toolkit/BCM/documents/proposedmodes/gcm/gcm-spec.pdf).
struct Vector {
  std::string key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  std::string nonce = bytes("cafebabefacedbaddecaf888");
  std::string bound = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  std::string plain = bytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b525b16aedf5aa0de657ba637b39");
  std::string sealed = bytes(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
      "8838c5f61e6393ba7a0abcc9f662");
  std::string tag = bytes("76fc6ece0f4e1768cddf8853bb2d551b");
};

TEST(AesGcm, SealsAsTheSpecificationSays) {
  const Vector vector;
  AesGcm cipher(vector.key);
  std::string data = vector.plain;
  std::string tag;
  cipher.seal(vector.nonce, vector.bound, data, tag);
  EXPECT_EQ(to_hex(data), to_hex(vector.sealed));
  EXPECT_EQ(to_hex(tag), to_hex(vector.tag));
}

TEST(AesGcm, OpensWhatItSealedAgainAndAgain) {
  const Vector vector;
  AesGcm cipher(vector.key);
  for (int round = 0; round < 3; ++round) {
    std::string data = vector.sealed;
    ASSERT_TRUE(cipher.open(vector.nonce, vector.bound, data, vector.tag));
    EXPECT_EQ(data, vector.plain);
    std::string tag;
    cipher.seal(vector.nonce, vector.bound, data, tag);
    EXPECT_EQ(tag, vector.tag);
  }
}

TEST(AesGcm, RefusesWhatWasChanged) {
  const Vector vector;
  AesGcm cipher(vector.key);
  const auto opens = [&](std::string nonce, std::string bound, std::string data, std::string tag) {
    return cipher.open(nonce, bound, data, tag);
  };
  const auto flipped = [](std::string text) {
    text.back() = static_cast<char>(text.back() ^ 1);
    return text;
  };
  const auto& [key, nonce, bound, plain, sealed, tag] = vector;
  EXPECT_TRUE(opens(nonce, bound, sealed, tag));
  EXPECT_FALSE(opens(flipped(nonce), bound, sealed, tag));
  EXPECT_FALSE(opens(nonce, flipped(bound), sealed, tag));
  EXPECT_FALSE(opens(nonce, bound, flipped(sealed), tag));
  EXPECT_FALSE(opens(nonce, bound, sealed, flipped(tag)));
  EXPECT_FALSE(opens(nonce, bound, sealed.substr(1), tag));
  EXPECT_FALSE(opens(nonce, bound, sealed, tag.substr(1)));
  EXPECT_TRUE(opens(nonce, bound, sealed, tag)) << "a refusal leaves the cipher as it was";
}

TEST(AesGcm, TakesNothingToo) {
  AesGcm cipher(std::string(kAesKeyBytes, 'k'));
  const std::string nonce(kGcmNonceBytes, 'n');
  std::string tag;
  cipher.seal(nonce, "", {}, tag);
  EXPECT_TRUE(cipher.open(nonce, "", {}, tag));
  EXPECT_FALSE(cipher.open(nonce, "x", {}, tag));
}

}  // namespace
}  // namespace tarn::wire
