#include "ir/text_tokens.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::text {
namespace {

constexpr std::string_view kMarks = ":,=()[]{}@";
constexpr std::string_view kNan = "nan";
constexpr uint32_t kUsualNan = 0x7fc00000;

// Not <cctype>: the same in every locale.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' || c == '+';
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

template <class T>
bool parse_whole(std::string_view word, T& number, auto... format) {
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, number, format...);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

Tokens::Tokens(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
  next_ = scan();
}

Token Tokens::take() {
  Token taken = std::move(next_);
  next_ = scan();
  return taken;
}

bool Tokens::accept(std::string_view text) {
  if ((next_.kind != Token::Kind::word && next_.kind != Token::Kind::mark) || next_.text != text)
    return false;
  take();
  return true;
}

void Tokens::expect(std::string_view text) {
  if (!accept(text)) fail(fmt::format("expected '{}', found {}", text, describe(next_)));
}

std::string Tokens::place(const Token& token) const {
  const std::string place = fmt::format("line {}, column {}", token.line, token.column);
  return where_.empty() ? place : where_ + ": " + place;
}

void Tokens::fail(const std::string& message, const Token& token) const {
  throw Error(ErrorKind::invalid_input, message, place(token));
}

void Tokens::advance() {
  const bool newline = character() == '\n';
  position_++;
  line_ += newline;
  column_ = newline ? 1 : column_ + 1;
}

Token Tokens::scan() {
  while (character() == ' ' || character() == '\t' || character() == '\r') advance();
  if (character() == '#')
    while (position_ < text_.size() && character() != '\n') advance();
  Token token{Token::Kind::end, "", line_, column_};
  if (position_ == text_.size()) return token;
  if (character() == '"') return scan_string(std::move(token));
  if (is_word(character())) {
    token.kind = Token::Kind::word;
    for (; is_word(character()); advance()) token.text += character();
    return token;
  }
  token.kind = character() == '\n' ? Token::Kind::newline : Token::Kind::mark;
  token.text = character();
  if (token.kind == Token::Kind::mark && kMarks.find(character()) == kMarks.npos)
    fail(fmt::format("a character without meaning here: {}", describe(token)), token);
  advance();
  return token;
}

Token Tokens::scan_string(Token token) {
  token.kind = Token::Kind::string;
  for (advance(); character() != '"'; advance()) {
    if (position_ == text_.size() || character() == '\n') fail("a string without an end", token);
    token.text += character() == '\\' ? scan_escape() : character();
  }
  advance();
  return token;
}

char Tokens::scan_escape() {
  const Token place{Token::Kind::mark, "\\", line_, column_};
  advance();
  if (character() == '"' || character() == '\\') return character();
  uint32_t code = 0;
  if (character() != 'x' ||
      !parse_hexadecimal(text_.substr(std::min(position_ + 1, text_.size()), 2), code))
    fail("expected \\\\, \\\" or \\x and two hexadecimal digits", place);
  advance();
  advance();  // the caller takes the last digit
  return static_cast<char>(code);
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::newline:
      return "the end of the line";
    case Token::Kind::end:
      return "the end of the text";
    case Token::Kind::string:
      return print_name(token.text);
    default:
      break;
  }
  const bool visible = std::ranges::none_of(
      token.text, [](char c) { return is_control(c) || static_cast<unsigned char>(c) > 0x7e; });
  return visible ? "'" + token.text + "'"
                 : fmt::format("byte 0x{:02x}", static_cast<unsigned char>(token.text[0]));
}

std::string print_name(std::string_view name) {
  if (!name.empty() && name != "_" && is_letter(name[0]) && std::ranges::all_of(name, is_word))
    return std::string(name);
  std::string quoted = "\"";
  for (char c : name) {
    if (is_control(c)) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string print_number(float number) {
  if (std::isnan(number)) {
    const auto bits = std::bit_cast<uint32_t>(number);
    return bits == kUsualNan ? std::string(kNan) : fmt::format("{}_{:08x}", kNan, bits);
  }
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), result.ptr};
}

std::string print_number(int64_t number) {
  return fmt::to_string(number);
}

bool parse_number(std::string_view word, float& number) {
  if (!word.starts_with(kNan)) return parse_whole(word, number, std::chars_format::general);
  uint32_t bits = kUsualNan;
  if (word != kNan && (!word.starts_with("nan_") || !parse_hexadecimal(word.substr(4), bits)))
    return false;
  number = std::bit_cast<float>(bits);
  return std::isnan(number);
}

bool parse_number(std::string_view word, int64_t& number) {
  return parse_whole(word, number);
}

bool parse_hexadecimal(std::string_view word, uint32_t& number) {
  return parse_whole(word, number, 16);
}

}  // namespace mote::text
