// Parses the text form of a Graph. docs/ir.md has the grammar; a statement is a line. The way back
// is text_print.cc. Tested by text_test.cc.
#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/zip.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ir/text_tokens.h"

namespace mote {
namespace {

using text::Token;
using text::Tokens;

// ---- values of attributes: one overload per type that a `visit` may name
// ----------------------------

template <class T>
void read_list(Tokens& tokens, std::vector<T>& list);

void expect_name(const Tokens& tokens, const Token& token) {
  if (token.kind != Token::Kind::word && token.kind != Token::Kind::string)
    tokens.fail("expected a name, found " + describe(token), token);
}

std::string read_name(Tokens& tokens) {
  expect_name(tokens, tokens.peek());
  return tokens.take().text;
}

template <class T>
T in_range(Tokens& tokens, const Token& token) {
  int64_t number = 0;
  if (token.kind != Token::Kind::word || !text::parse_number(token.text, number) ||
      !std::in_range<T>(number))
    tokens.fail(fmt::format("expected a whole number from {} to {}, found {}",
                            int64_t{std::numeric_limits<T>::min()},
                            int64_t{std::numeric_limits<T>::max()}, describe(token)),
                token);
  return static_cast<T>(number);
}

template <std::integral T>
void read(Tokens& tokens, T& value) {
  value = in_range<T>(tokens, tokens.take());
}

void read(Tokens& tokens, float& value) {
  const Token token = tokens.take();
  if (token.kind != Token::Kind::word || !text::parse_number(token.text, value))
    tokens.fail("expected a number of float32, found " + describe(token), token);
}

void read(Tokens& tokens, bool& value) {
  value = tokens.accept("true");
  if (!value && !tokens.accept("false"))
    tokens.fail("expected true or false, found " + describe(tokens.peek()));
}

void read(Tokens& tokens, std::string& value) {
  value = read_name(tokens);
}

template <class T>
void read_named(Tokens& tokens, T& value, std::optional<T> (*parse)(std::string_view),
                const char* what) {
  const Token token = tokens.take();
  const std::optional<T> parsed = parse(token.text);
  if (!parsed) tokens.fail(fmt::format("no {}: {}", what, describe(token)), token);
  value = *parsed;
}

void read(Tokens& tokens, Activation& value) {
  read_named(tokens, value, &parse_activation, "activation");
}

void read(Tokens& tokens, DType& value) {
  read_named(tokens, value, &parse_dtype, "element type");
}

void read(Tokens& tokens, Size2D& size) {
  const Token token = tokens.take();
  const size_t cross = token.text.find('x');
  Token height = token, width = token;
  if (cross == std::string::npos)
    tokens.fail("expected HEIGHTxWIDTH, found " + describe(token), token);
  height.text = token.text.substr(0, cross);
  width.text = token.text.substr(cross + 1);
  size = {in_range<int32_t>(tokens, height), in_range<int32_t>(tokens, width)};
}

void read(Tokens& tokens, std::vector<int32_t>& list) {
  read_list(tokens, list);
}

void read(Tokens& tokens, Padding& padding) {
  const Token token = tokens.peek();
  std::vector<int32_t> list;
  read_list(tokens, list);
  if (list.size() != 4) tokens.fail("expected padding [top, bottom, left, right]", token);
  padding = {list[0], list[1], list[2], list[3]};
}

template <class T>
void read_list(Tokens& tokens, std::vector<T>& list) {
  tokens.expect("[");
  if (tokens.accept("]")) return;
  do {
    read(tokens, list.emplace_back());
  } while (tokens.accept(","));
  tokens.expect("]");
}

template <class T>
void read_one_or_list(Tokens& tokens, std::vector<T>& list) {
  list.clear();
  if (tokens.peek().text == "[" && tokens.peek().kind == Token::Kind::mark)
    read_list(tokens, list);
  else
    read(tokens, list.emplace_back());
}

// {name: value, ...}: calls read_field(name) for each, which says whether it knows the name.
void read_fields(Tokens& tokens, auto read_field) {
  tokens.expect("{");
  std::vector<std::string> seen;
  do {
    const Token name = tokens.peek();
    seen.push_back(read_name(tokens));
    if (std::ranges::count(seen, seen.back()) > 1) tokens.fail("'" + seen.back() + "' again", name);
    tokens.expect(":");
    if (!read_field(seen.back())) tokens.fail("there is no '" + seen.back() + "' here", name);
  } while (tokens.accept(","));
  tokens.expect("}");
}

// ---- types and constants
// --------------------------------------------------------------------------

Quantization read_quantization(Tokens& tokens) {
  Quantization q;
  read_fields(tokens, [&](const std::string& name) {
    if (name == "scale") return read_one_or_list(tokens, q.scale), true;
    if (name == "zero_point") return read_one_or_list(tokens, q.zero_point), true;
    if (name == "axis") return read(tokens, q.axis), true;
    if (name == "bits") return read(tokens, q.bits), true;
    return false;
  });
  if (q.zero_point.empty()) q.zero_point.assign(q.scale.size(), 0);
  return q;
}

TensorType read_type(Tokens& tokens) {
  TensorType type;
  read(tokens, type.dtype);
  const Token shape = tokens.peek();
  read_list(tokens, type.shape);
  if (std::ranges::any_of(type.shape, [](int32_t size) { return size < 1; }))
    tokens.fail("no shape: " + to_string(type.shape), shape);
  try {
    element_count(type.shape);
  } catch (const Error& error) {
    throw error.at(tokens.place(shape));
  }
  if (tokens.peek().text == "{") type.quantization = read_quantization(tokens);
  return type;
}

template <class T>
Bytes read_elements(Tokens& tokens) {
  std::vector<T> elements;
  read_list(tokens, elements);
  return to_bytes(std::span<const T>(elements));
}

Bytes read_elements_of(Tokens& tokens, DType dtype) {
  using Read = Bytes (*)(Tokens&);
  static constexpr Read kRead[] = {
#define MOTE_DTYPE(name, bytes, c_type) &read_elements<c_type>,
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
  };
  return kRead[static_cast<size_t>(dtype)](tokens);
}

class Parser {
 public:
  Parser(std::string_view text, const ConstantStore& constants, const std::string& where)
      : tokens_(text, where), constants_(constants) {}

  Graph parse() {
    skip_newlines();
    tokens_.expect("graph");
    graph_.name = read_name(tokens_);
    end_statement();
    while (tokens_.peek().kind != Token::Kind::end) {
      parse_statement();
      end_statement();
    }
    place_values();
    return std::move(graph_);
  }

 private:
  struct Declaration {
    ValueId id;
    Value value;
    Token place;
  };

  void skip_newlines() {
    while (tokens_.peek().kind == Token::Kind::newline) tokens_.take();
  }

  void end_statement() {
    const Token::Kind kind = tokens_.peek().kind;
    if (kind != Token::Kind::newline && kind != Token::Kind::end)
      tokens_.fail("expected the end of the line, found " + describe(tokens_.peek()));
    skip_newlines();
  }

  // A value may be called like a statement ("input", "output"): what comes next tells them apart.
  void parse_statement() {
    const Token first = tokens_.take();
    const Token::Kind next = tokens_.peek().kind;
    const bool name_follows = next == Token::Kind::word || next == Token::Kind::string;
    const bool word = first.kind == Token::Kind::word;
    if (word && first.text == "input" && name_follows) return parse_input();
    if (word && first.text == "output" && name_follows) return parse_outputs();
    if (word && first.text == "labels" && tokens_.peek().text == "[")
      return read_list(tokens_, graph_.labels);
    parse_values(first);
  }

  void parse_input() {
    const size_t index = graph_.inputs.size();
    graph_.inputs.push_back(parse_value(tokens_.take()));
    const bool given = tokens_.accept("preprocess");
    if (!given && graph_.preprocessing.empty()) return;
    graph_.preprocessing.resize(index + 1);  // of the inputs before: identity
    if (!given) return;
    Preprocessing& p = graph_.preprocessing[index];
    read_fields(tokens_, [&](const std::string& name) {
      if (name == "scale") return read_one_or_list(tokens_, p.scale), true;
      if (name == "bias") return read_one_or_list(tokens_, p.bias), true;
      return false;
    });
  }

  void parse_outputs() {
    do {
      graph_.outputs.push_back(find(tokens_.take()));
    } while (tokens_.accept(","));
  }

  // A constant, a node, or a value that nothing makes.
  void parse_values(const Token& first) {
    std::vector<ValueId> ids = {parse_value(first)};
    while (tokens_.accept(",")) ids.push_back(parse_value(tokens_.take()));
    if (!tokens_.accept("=")) return;
    const Token& next = tokens_.peek();
    if (next.text == "[" || next.text == "crc32") return parse_constant(first);
    parse_node(std::move(ids));
  }

  // `name: type` declares a value; `name` alone is one that is known.
  ValueId parse_value(const Token& token) {
    expect_name(tokens_, token);
    if (tokens_.peek().text != "@" && tokens_.peek().text != ":") return find(token);
    ValueId id = declarations_.empty() ? 0 : declarations_.back().id + 1;
    if (tokens_.accept("@")) read(tokens_, id);
    tokens_.expect(":");
    if (id < 0 || id == std::numeric_limits<ValueId>::max() || !ids_.emplace(token.text, id).second)
      tokens_.fail(fmt::format("value {} is declared twice or has no number", describe(token)),
                   token);
    declaration_of_.emplace(id, declarations_.size());
    declarations_.push_back({id, {token.text, read_type(tokens_), nullptr}, token});
    return id;
  }

  ValueId find(const Token& token) {
    expect_name(tokens_, token);
    const auto found = ids_.find(token.text);
    if (found == ids_.end()) tokens_.fail("no value is called " + describe(token), token);
    return found->second;
  }

  void parse_constant(const Token& name) {
    Value& value = declarations_.back().value;
    const Token place = tokens_.peek();
    if (value.name != name.text || value.constant())
      tokens_.fail("only the value that this line declares can be constant", place);
    const bool beside = tokens_.accept("crc32");
    value.data = beside
                     ? stored(value.name, &StoredConstant::data)
                     : std::make_shared<const Bytes>(read_elements_of(tokens_, value.type.dtype));
    if (static_cast<int64_t>(value.data->size()) != byte_size(value.type))
      tokens_.fail(
          fmt::format("{} bytes of data for {}", value.data->size(), to_string(value.type)), place);
    if (tokens_.accept("mask")) parse_mask(value);
  }

  void parse_mask(Value& value) {
    const Token place = tokens_.peek();
    const bool beside = tokens_.accept("crc32");
    value.mask = beside ? stored(value.name, &StoredConstant::mask)
                        : std::make_shared<const Bytes>(read_elements<uint8_t>(tokens_));
    if (static_cast<int64_t>(value.mask->size()) != element_count(value.type.shape))
      tokens_.fail(fmt::format("a mask of {} for {}", value.mask->size(), to_string(value.type)),
                   place);
  }

  std::shared_ptr<const Bytes> stored(const std::string& name,
                                      std::shared_ptr<const Bytes> StoredConstant::*part) {
    const Token token = tokens_.take();
    uint32_t crc = 0;
    if (token.text.size() != 8 || !text::parse_hexadecimal(token.text, crc))
      tokens_.fail("expected eight hexadecimal digits, found " + describe(token), token);
    const auto found = constants_.find(name);
    const std::string what =
        fmt::format("{} '{}'", part == &StoredConstant::mask ? "the mask of" : "constant", name);
    if (found == constants_.end() || !(found->second.*part))
      tokens_.fail(what + " is missing beside the text", token);
    if (const uint32_t actual = crc32_of(*(found->second.*part)); actual != crc)
      tokens_.fail(fmt::format("{} has CRC-32 {:08x}", what, actual), token);
    return found->second.*part;
  }

  void parse_node(std::vector<ValueId> outputs) {
    const Token name = tokens_.take();
    const std::optional<Op> op =
        name.kind == Token::Kind::word ? parse_op(name.text) : std::nullopt;
    if (!op) tokens_.fail("no operator: " + describe(name), name);
    Node node{*op, {}, std::move(outputs), {}};
    tokens_.expect("(");
    if (!tokens_.accept(")")) {
      do {
        node.inputs.push_back(tokens_.accept("_") ? kNoValue : find(tokens_.take()));
      } while (tokens_.accept(","));
      tokens_.expect(")");
    }
    if (tokens_.peek().text == "{" && tokens_.peek().kind == Token::Kind::mark)
      std::visit([&](auto& attributes) { read_attributes(attributes); }, node.op);
    node.origin = tokens_.accept("from") ? read_name(tokens_) : name_of_value(node.outputs[0]);
    graph_.nodes.push_back(std::move(node));
  }

  void read_attributes(std::monostate&) { tokens_.fail("nothing has no attributes"); }

  template <class Attributes>
  void read_attributes(Attributes& attributes) {
    read_fields(tokens_, [&](const std::string& name) {
      bool known = false;
      Attributes::visit(attributes, [&](std::string_view field, auto& value) {
        if (field != name) return;
        value = {};
        read(tokens_, value);
        known = true;
      });
      return known;
    });
  }

  std::string name_of_value(ValueId id) const {
    return declarations_[declaration_of_.at(id)].value.name;
  }

  // Ids are any numbering without gaps; nothing is allocated on the say-so of one.
  void place_values() {
    const size_t count = declarations_.size();
    graph_.values.resize(count);
    std::vector<bool> taken(count);
    for (Declaration& declaration : declarations_) {
      const auto index = static_cast<size_t>(declaration.id);
      if (index >= count || taken[index])
        tokens_.fail(fmt::format("number {} is used twice or leaves a gap", index),
                     declaration.place);
      taken[index] = true;
      graph_.values[index] = std::move(declaration.value);
    }
  }

  Tokens tokens_;
  const ConstantStore& constants_;
  Graph graph_;
  std::vector<Declaration> declarations_;
  std::unordered_map<std::string, ValueId> ids_;
  std::unordered_map<ValueId, size_t> declaration_of_;  // the first of each id
};

}  // namespace

Graph parse(std::string_view text, const ConstantStore& constants, const std::string& where) {
  return Parser(text, constants, where).parse();
}

}  // namespace mote
