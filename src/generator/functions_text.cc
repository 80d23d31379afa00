// lorem.*: sentences of words that mean nothing.
#include <array>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

constexpr std::int64_t kMostParts = 10'000;

void put_words(RenderState& state, std::int64_t count, std::string_view separator,
               std::string& out) {
  const auto words = words_of("lorem.word");
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) out += separator;
    out += state.random.pick(words);
  }
}

void put_sentence(RenderState& state, std::int64_t words, std::string& out) {
  const std::size_t begin = out.size();
  put_words(state, words > 0 ? words : state.random.between(3, 10), " ", out);
  out[begin] = static_cast<char>(out[begin] - 'a' + 'A');
  out.push_back('.');
}

void put_sentences(RenderState& state, std::int64_t count, std::string_view separator,
                   std::string& out) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) out += separator;
    put_sentence(state, 0, out);
  }
}

// The number of parts: given, or drawn anew for each record from [least, most].
struct Count {
  std::int64_t given;
  std::int64_t least;
  std::int64_t most;
  std::int64_t draw(RandomSource& random) const {
    return given > 0 ? given : random.between(least, most);
  }
};

Result<Count> read_count(const Call& call, std::string_view name, std::int64_t least,
                         std::int64_t most) {
  TARN_TRY(const std::int64_t given, call.whole(0, name, 0, 0, kMostParts));
  return Count{given, least, most};
}

Result<GeneratorPtr> make_lorem_words(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const Count count, read_count(call, "num", 3, 3));
  return make_generator([count](RenderState& state, std::string& out) {
    put_words(state, count.draw(state.random), " ", out);
  });
}

Result<GeneratorPtr> make_slug(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const Count count, read_count(call, "wordCount", 3, 3));
  return make_generator([count](RenderState& state, std::string& out) {
    put_words(state, count.draw(state.random), "-", out);
  });
}

Result<GeneratorPtr> make_sentence(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const Count count, read_count(call, "wordCount", 3, 10));
  return make_generator([count](RenderState& state, std::string& out) {
    put_sentence(state, count.draw(state.random), out);
  });
}

Result<GeneratorPtr> make_sentences(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const Count count, read_count(call, "sentenceCount", 2, 6));
  TARN_TRY(std::string separator, call.text(1, "separator", " "));
  return make_generator(
      [count, separator = std::move(separator)](RenderState& state, std::string& out) {
        put_sentences(state, count.draw(state.random), separator, out);
      });
}

// Lines of lorem.lines stand on lines of their own, as in faker.js; inside a JSON text give a
// separator.
Result<GeneratorPtr> make_lines(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const Count count, read_count(call, "lineCount", 1, 5));
  return make_generator([count](RenderState& state, std::string& out) {
    put_sentences(state, count.draw(state.random), "\n", out);
  });
}

Result<GeneratorPtr> make_paragraph(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const Count count, read_count(call, "sentenceCount", 3, 6));
  return make_generator([count](RenderState& state, std::string& out) {
    put_sentences(state, count.draw(state.random), " ", out);
  });
}

Result<GeneratorPtr> make_paragraphs(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const Count count, read_count(call, "paragraphCount", 3, 3));
  TARN_TRY(std::string separator, call.text(1, "separator", "\n \r"));
  return make_generator(
      [count, separator = std::move(separator)](RenderState& state, std::string& out) {
        const std::int64_t paragraphs = count.draw(state.random);
        for (std::int64_t i = 0; i < paragraphs; ++i) {
          if (i > 0) out += separator;
          put_sentences(state, state.random.between(3, 6), " ", out);
        }
      });
}

constexpr Function kTextFunctions[] = {
    {"lorem.words", make_lorem_words},     {"lorem.slug", make_slug},
    {"lorem.sentence", make_sentence},     {"lorem.sentences", make_sentences},
    {"lorem.lines", make_lines},           {"lorem.paragraph", make_paragraph},
    {"lorem.paragraphs", make_paragraphs}, {"lorem.text", make_sentences},
};

}  // namespace

std::span<const Function> text_functions() {
  return kTextFunctions;
}

}  // namespace tarn::generator
