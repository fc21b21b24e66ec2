// The words of the text form (docs/ir.md): tokens with their place, names and strings, and numbers
// that come back bit-equal. Only text_print.cc and text_parse.cc see this file. Tested by
// text_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mote::text {

struct Token {
  enum class Kind : uint8_t { word, string, mark, newline, end };
  Kind kind = Kind::end;
  std::string text;  // of a string: without quotes and escapes
  int32_t line = 1;
  int32_t column = 1;
};

// Splits a text into tokens, one at a time; comments (# to the end of the line) are no tokens.
class Tokens {
 public:
  // `where` (a file name) goes into errors.
  Tokens(std::string_view text, std::string where);

  const Token& peek() const { return next_; }
  Token take();
  // Whether the next token is this word or mark; if so it is taken.
  bool accept(std::string_view text);
  void expect(std::string_view text);

  // "model.mote: line 3, column 11".
  std::string place(const Token& token) const;
  // Throws Error{invalid_input} that names line and column of `token`, or of the next one.
  [[noreturn]] void fail(const std::string& message, const Token& token) const;
  [[noreturn]] void fail(const std::string& message) const { fail(message, next_); }

 private:
  Token scan();
  Token scan_string(Token token);
  char scan_escape();
  char character() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  void advance();

  std::string_view text_;
  std::string where_;
  size_t position_ = 0;
  int32_t line_ = 1;
  int32_t column_ = 1;
  Token next_;
};

// How an error shows a token: 'word', end of line.
std::string describe(const Token& token);

// A name as it stands in the text: bare where it consists of the characters of a word, else quoted.
std::string print_name(std::string_view name);

// Shortest decimals that read back as the same bits; "inf", "-inf", "nan", and "nan_ffc00001" for
// another NaN than the usual one.
std::string print_number(float number);
std::string print_number(int64_t number);
// Whether the whole word is a number of that type.
bool parse_number(std::string_view word, float& number);
bool parse_number(std::string_view word, int64_t& number);
bool parse_hexadecimal(std::string_view word, uint32_t& number);

}  // namespace mote::text
