#include "generator/template.h"

#include <utility>

#include <fmt/format.h>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

bool is_line_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && is_line_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_line_space(line.back())) line.remove_suffix(1);
  return line;
}

bool is_markdown_heading(std::string_view line) {
  const std::size_t level = line.find_first_not_of('#');
  return level != std::string_view::npos && level >= 1 && level <= 6 && is_line_space(line[level]);
}

bool is_heading_line(std::string_view line) {
  if (line.find("{{") != std::string_view::npos) return false;
  line = trimmed(line);
  return line.empty() || is_markdown_heading(line) || line.starts_with("```") ||
         line.starts_with("//") || (line.starts_with("<!--") && line.ends_with("-->"));
}

struct Extent {
  std::size_t begin;
  std::size_t end;
};

// The part of `text` that is the record.
Extent without_heading(std::string_view text) {
  Extent body{0, text.size()};
  if (text.starts_with("\xef\xbb\xbf")) body.begin = 3;  // a byte order mark
  bool fenced = false;
  while (body.begin < text.size()) {
    const std::size_t newline = text.find('\n', body.begin);
    const std::string_view line = text.substr(body.begin, newline - body.begin);
    // A last line without a newline is the record itself, not a heading, unless it is blank.
    if (!is_heading_line(line) || (newline == std::string_view::npos && !trimmed(line).empty()))
      break;
    fenced = fenced || trimmed(line).starts_with("```");
    body.begin = newline == std::string_view::npos ? text.size() : newline + 1;
  }
  if (!fenced) return body;
  std::string_view rest = text.substr(body.begin);
  while (!rest.empty() && is_line_space(rest.back())) rest.remove_suffix(1);
  if (rest.ends_with("\n```")) body.end = body.begin + rest.size() - 3;
  return body;
}

struct Piece {
  std::string literal;
  GeneratorPtr generator;
};

// Splits the text between `extent` into pieces.
class TemplateParser {
 public:
  TemplateParser(std::string_view text, Extent extent, std::size_t* time_slots)
      : text_(text.substr(0, extent.end)), at_(extent.begin), time_slots_(time_slots) {}

  // Where the text is a part of another template: newlines stay and errors point at `outer`.
  void inside(const Call& outer) { outer_ = &outer; }

  Result<std::vector<Piece>> run() {
    std::vector<Piece> pieces;
    std::string literal;
    while (at_ < text_.size()) {
      // Of "{{{date.now}" the first brace is the record's own.
      if (text_.substr(at_, 2) == "{{" && text_.substr(at_, 3) != "{{{") {
        TARN_TRY(GeneratorPtr generator, parse_call());
        pieces.push_back({std::exchange(literal, {}), std::move(generator)});
        continue;
      }
      const char c = text_[at_++];
      if (outer_ != nullptr || (c != '\n' && c != '\r')) literal.push_back(c);
    }
    if (!literal.empty()) pieces.push_back({std::move(literal), nullptr});
    return pieces;
  }

 private:
  [[nodiscard]] Place place(std::size_t offset) const {
    return outer_ != nullptr ? outer_->place : place_of(text_, offset);
  }

  void skip_space() {
    while (at_ < text_.size() && is_line_space(text_[at_])) ++at_;
  }

  Result<GeneratorPtr> parse_call() {
    const std::size_t open = at_;
    at_ += 2;
    skip_space();
    const std::size_t name_at = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    Call call{text_.substr(name_at, at_ - name_at),
              place(name_at),
              {},
              time_slots_,
              outer_ == nullptr ? 0 : outer_->depth + 1};
    if (call.name.empty()) {
      return error_at(place(open),
                      "expected the name of a function after \"{{\", such as {{date.now}}");
    }
    skip_space();
    if (at_ < text_.size() && text_[at_] == '(') {
      TARN_TRY(Arguments arguments, parse_arguments(text_, at_));
      call.arguments = std::move(arguments.values);
      at_ = arguments.end;
      skip_space();
    }
    if (text_.substr(at_, 2) != "}}") {
      return error_at(place(at_), fmt::format("expected \"}}}}\" to close {{{{{}, opened at {}:{}",
                                              call.name, place(open).line, place(open).column));
    }
    at_ += 2;
    return make_call(call);
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t* time_slots_;
  const Call* outer_ = nullptr;
};

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  const Extent extent = without_heading(text);
  auto program = std::make_shared<Program>();
  TARN_TRY(std::vector<Piece> pieces, TemplateParser(text, extent, &program->time_slots).run());
  for (Piece& piece : pieces) {
    program->steps.push_back({std::move(piece.literal), std::move(piece.generator)});
  }
  if (program->steps.empty())
    return error_at({}, "the template is empty: there is nothing to render");
  return Template(std::move(program));
}

Result<GeneratorPtr> make_pattern(std::string_view text, const Call& call) {
  TemplateParser parser(text, {0, text.size()}, call.time_slots);
  parser.inside(call);
  TARN_TRY(std::vector<Piece> pieces, parser.run());
  auto render = [pieces = std::move(pieces)](RenderState& state, std::string& out) {
    for (const Piece& piece : pieces) {
      out += piece.literal;
      if (piece.generator) piece.generator->render(state, out);
    }
  };
  return make_generator(std::move(render));
}

Renderer::Renderer(Template source, std::uint64_t seed, int utc_offset_minutes)
    : program_(std::move(source.program_)),
      state_{RandomSource(seed),
             {},
             utc_offset_minutes,
             std::vector<CachedTime>(program_->time_slots)} {}

void Renderer::append(Timestamp now, std::string& out) {
  state_.now = now;
  for (const Template::Step& step : program_->steps) {
    out += step.literal;
    if (step.generator) step.generator->render(state_, out);
  }
}

}  // namespace tarn::generator
