#include "zoo/zoo.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ir/error.h"
#include "zoo/builder.h"

namespace mote::zoo {
namespace {

struct Network {
  std::string_view name;
  Shape input;
  int32_t classes;
  std::string_view description;
  Graph (*build)(const Plan& plan);
};

const std::vector<Network>& networks() {
  static const std::vector<Network> table = {
#define MOTE_NETWORK(name, height, width, channels, classes, description) \
  {#name, {height, width, channels}, classes, description, &name},
#include "zoo/networks.inc"
#undef MOTE_NETWORK
  };
  return table;
}

[[noreturn]] void fail(const std::string& message, const std::string& hint) {
  throw Error(ErrorKind::usage, message, {}, hint);
}

const Network& find(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Network& network : networks()) {
    if (network.name == name) return network;
    names.push_back(network.name);
  }
  fail(fmt::format("no network '{}' in the zoo", name),
       fmt::format("there are {}", fmt::join(names, ", ")));
}

template <class T>
T number(std::string_view text, std::string_view option, T min, T max) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !(value >= min && value <= max))
    fail(fmt::format("'{}' of option '{}'", text, option),
         fmt::format("a number from {} to {} is expected", min, max));
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

void check_shape(const Shape& shape) {
  if (shape.size() != 3 || std::ranges::any_of(shape, [](int32_t d) { return d < 1 || d > 4096; }))
    fail(fmt::format("input {}", to_string(shape)), "height, width, channels, as in input=32x32x3");
}

Shape parse_shape(std::string_view text) {
  Shape shape;
  for (std::string_view size : split(text, 'x'))
    shape.push_back(number<int32_t>(size, "input", 1, 4096));
  return shape;
}

// "width=0.5&classes=100"
void apply(std::string_view text, Plan& plan) {
  for (std::string_view option : split(text, '&')) {
    const size_t equals = std::min(option.find('='), option.size());
    const std::string_view key = option.substr(0, equals);
    const std::string_view value = option.substr(std::min(equals + 1, option.size()));
    if (key == "width") {
      plan.width = number<double>(value, key, 0.01, 100.0);
    } else if (key == "classes") {
      plan.classes = number<int32_t>(value, key, 2, 100000);
    } else if (key == "input") {
      plan.input = parse_shape(value);
    } else {
      fail(fmt::format("no option '{}'", key), "there are width, input, classes");
    }
  }
}

}  // namespace

Graph build(const std::string& name, const Options& options) {
  std::string_view text = name;
  if (text.starts_with("zoo:")) text.remove_prefix(4);
  const size_t mark = text.find('?');
  const Network& network = find(text.substr(0, mark));

  Plan plan{.name = std::string(network.name),
            .input = network.input,
            .classes = network.classes,
            .width = 1.0,
            .seed = options.seed};
  if (!options.input.empty()) plan.input = options.input;
  if (options.classes != 0) plan.classes = options.classes;
  if (mark != text.npos) apply(text.substr(mark + 1), plan);
  check_shape(plan.input);
  try {
    return network.build(plan);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::invalid_input) throw;
    throw Error(ErrorKind::usage, error.what(), name, "the input is too small for this network");
  }
}

std::vector<Entry> entries() {
  std::vector<Entry> result;
  for (const Network& network : networks())
    result.push_back({std::string(network.name), std::string(network.description)});
  return result;
}

}  // namespace mote::zoo
