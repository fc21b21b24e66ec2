#include "zoo/zoo.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "zoo/builder.h"

namespace mote::zoo {
namespace {

struct Network {
  std::string_view name;
  Shape input;
  int32_t classes;
  std::string_view options;  // its own, with blanks between
  std::string_view description;
  Graph (*build)(const Plan& plan);
};

constexpr int32_t kSmall = 64;  // the highest image that is taken for one of CIFAR's kind
constexpr size_t kStrides = 5;  // of a MobileNet

const std::vector<Network>& networks() {
  static const std::vector<Network> table = {
#define MOTE_NETWORK(name, height, width, channels, classes, options, description) \
  {#name, {height, width, channels}, classes, options, description, &name},
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

std::vector<std::string_view> option_names(const Network& network) {
  std::vector<std::string_view> names = {"input", "classes", "width"};
  if (network.options.empty()) return names;
  const auto own = split(network.options, ' ');
  names.insert(names.end(), own.begin(), own.end());
  return names;
}

bool takes(const Network& network, std::string_view option) {
  const auto names = option_names(network);
  return std::ranges::find(names, option) != names.end();
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

// The strides of the layers of a MobileNet that may halve: "1-2-2-2-2".
std::vector<int32_t> parse_strides(std::string_view text) {
  std::vector<int32_t> strides;
  for (std::string_view stride : split(text, '-'))
    strides.push_back(number<int32_t>(stride, "strides", 1, 2));
  if (strides.size() != kStrides)
    fail(fmt::format("strides {}", text), "five of them, as in strides=1-2-2-2-2");
  return strides;
}

Stem parse_stem(std::string_view text) {
  if (text == "cifar") return Stem::cifar;
  if (text == "imagenet") return Stem::imagenet;
  fail(fmt::format("stem '{}'", text), "there are cifar, imagenet");
}

// Small images keep their size in the stem and once more on the way: with 2x2 pixels left for the
// last layers MobileNets learn little, and halving early keeps the widest tensors small.
std::vector<int32_t> default_strides(Stem stem) {
  if (stem == Stem::cifar) return {1, 2, 1, 2, 2};
  return {2, 2, 2, 2, 2};
}

std::string_view name_of(Stem stem) {
  return stem == Stem::cifar ? "cifar" : "imagenet";
}

// "width=0.5&classes=100": the options by name.
std::map<std::string_view, std::string_view> options_in(std::string_view text,
                                                        const Network& network) {
  std::map<std::string_view, std::string_view> given;
  for (std::string_view option : split(text, '&')) {
    const size_t equals = std::min(option.find('='), option.size());
    const std::string_view key = option.substr(0, equals);
    if (!takes(network, key))
      fail(fmt::format("no option '{}'", key),
           fmt::format("{} takes {}", network.name, fmt::join(option_names(network), ", ")));
    given[key] = option.substr(std::min(equals + 1, option.size()));
  }
  return given;
}

Plan plan_of(const Network& network, std::string_view text, const Options& options) {
  std::map<std::string_view, std::string_view> given;
  if (!text.empty()) given = options_in(text.substr(1), network);
  const auto read = [&](std::string_view key, auto& target, const auto& parse) {
    if (given.contains(key)) target = parse(given[key]);
  };
  Plan plan{.name = std::string(network.name),
            .input = options.input.empty() ? network.input : options.input,
            .classes = options.classes == 0 ? network.classes : options.classes,
            .seed = options.seed,
            .shapes_only = options.shapes_only};
  read("input", plan.input, parse_shape);
  check_shape(plan.input);
  read("classes", plan.classes, [](auto v) { return number<int32_t>(v, "classes", 1, 100000); });
  read("width", plan.width, [](auto v) { return number<double>(v, "width", 0.01, 100.0); });
  read("depth", plan.depth, [](auto v) { return number<int32_t>(v, "depth", 1, 2000); });
  plan.stem = std::min(plan.input[0], plan.input[1]) <= kSmall ? Stem::cifar : Stem::imagenet;
  read("stem", plan.stem, parse_stem);
  plan.strides = default_strides(plan.stem);
  read("strides", plan.strides, parse_strides);
  return plan;
}

std::pair<const Network&, Plan> look_up(const std::string& name, const Options& options) {
  std::string_view text = name;
  if (text.starts_with("zoo:")) text.remove_prefix(4);
  const size_t mark = std::min(text.find('?'), text.size());
  const Network& network = find(text.substr(0, mark));
  return {network, plan_of(network, text.substr(mark), options)};
}

}  // namespace

Graph build(const std::string& name, const Options& options) {
  const auto& [network, plan] = look_up(name, options);
  try {
    return network.build(plan);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::invalid_input) throw;
    throw Error(ErrorKind::usage, error.what(), name, "the input is too small for this network");
  }
}

std::string full_name(const std::string& name, const Options& options) {
  const auto& [network, plan] = look_up(name, options);
  std::string text = fmt::format("zoo:{}?input={}&classes={}&width={}", plan.name,
                                 fmt::join(plan.input, "x"), plan.classes, plan.width);
  // Studies hash this name: an option that comes later is said where it is not at its default.
  if (plan.depth != 0) text += fmt::format("&depth={}", plan.depth);
  if (takes(network, "stem")) text += fmt::format("&stem={}", name_of(plan.stem));
  if (takes(network, "strides")) text += fmt::format("&strides={}", fmt::join(plan.strides, "-"));
  return text;
}

std::vector<Entry> entries() {
  std::vector<Entry> result;
  for (const Network& network : networks())
    result.push_back({std::string(network.name), std::string(network.description)});
  return result;
}

}  // namespace mote::zoo
