// internet.*, phone.* and image.* as far as they need code; the rest stands in patterns.cc.
#include <array>

#include <fmt/format.h>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

constexpr std::string_view kAddressDigits = "0123456789abcdef";

void put_hex(RandomSource& random, std::size_t digits, std::string& out) {
  std::uint64_t bits = random.next();
  for (std::size_t i = 0; i < digits; ++i, bits >>= 4U) out.push_back(kAddressDigits[bits & 15U]);
}

// 0 to 255 without leading zeros.
void put_octet(unsigned octet, std::string& out) {
  if (octet >= 100) out.push_back(static_cast<char>('0' + octet / 100));
  if (octet >= 10) out.push_back(static_cast<char>('0' + octet / 10 % 10));
  out.push_back(static_cast<char>('0' + octet % 10));
}

Result<GeneratorPtr> make_ip(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    const std::uint64_t bits = state.random.next();
    for (unsigned i = 0; i < 4; ++i) {
      if (i > 0) out.push_back('.');
      put_octet(static_cast<unsigned>(bits >> (8U * i)) & 0xffU, out);
    }
  });
}

Result<GeneratorPtr> make_ipv6(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    for (unsigned i = 0; i < 8; ++i) {
      if (i > 0) out.push_back(':');
      put_hex(state.random, 4, out);
    }
  });
}

Result<GeneratorPtr> make_mac(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    for (unsigned i = 0; i < 6; ++i) {
      if (i > 0) out.push_back(':');
      put_hex(state.random, 2, out);
    }
  });
}

Result<GeneratorPtr> make_color(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    out.push_back('#');
    put_hex(state.random, 6, out);
  });
}

Result<GeneratorPtr> make_password(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const std::int64_t length, call.whole(0, "length", 15, 1, 1'000));
  return make_generator([length](RenderState& state, std::string& out) {
    static constexpr std::string_view kAlphabet =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (std::int64_t i = 0; i < length; ++i) out.push_back(state.random.pick(kAlphabet));
  });
}

// phone.phoneNumber("+49 ### ######"): # is a digit, ! a digit from 2.
Result<GeneratorPtr> make_phone(const Call& call) {
  TARN_CHECK(call.at_most(1));
  const Value* format = call.find(0, "format");
  static constexpr std::array<std::string_view, 5> kFormats = {
      "!##-!##-####", "(!##) !##-####", "1-!##-!##-####", "!##.!##.####", "!##-!##-#### x###"};
  std::vector<std::string> formats(kFormats.begin(), kFormats.end());
  if (format != nullptr) {
    TARN_TRY(std::string given, call.text(0, "format", ""));
    formats.assign(1, std::move(given));
  }
  return make_generator([formats = std::move(formats)](RenderState& state, std::string& out) {
    for (const char c : state.random.pick(formats)) {
      if (c == '#' || c == '!') {
        const unsigned least = c == '#' ? 0 : 2;
        out.push_back(static_cast<char>('0' + least + state.random.below(10 - least)));
      } else {
        out.push_back(c);
      }
    }
  });
}

// image.imageUrl(width, height, category): an address that answers nothing, of the form people
// expect.
Result<GeneratorPtr> make_image_url(const Call& call) {
  TARN_CHECK(call.at_most(3));
  TARN_TRY(const std::int64_t width, call.whole(0, "width", 640, 1, 100'000));
  TARN_TRY(const std::int64_t height, call.whole(1, "height", 480, 1, 100'000));
  TARN_TRY(std::string category, call.text(2, "category", ""));
  std::string url = fmt::format("http://images.example.com/{}/{}", width, height);
  if (!category.empty()) url += "/" + category;
  return make_generator([url = std::move(url)](RenderState&, std::string& out) { out += url; });
}

constexpr Function kInternetFunctions[] = {
    {"internet.ip", make_ip},
    {"internet.ipv6", make_ipv6},
    {"internet.mac", make_mac},
    {"internet.color", make_color},
    {"internet.password", make_password},
    {"phone.phoneNumber", make_phone},
    {"image.imageUrl", make_image_url},
};

}  // namespace

std::span<const Function> internet_functions() {
  return kInternetFunctions;
}

}  // namespace tarn::generator
