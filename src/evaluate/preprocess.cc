#include "evaluate/preprocess.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::usage, message, "--preprocess",
              "real = scale * pixel + bias: scale=1/255,bias=0, or a number for each channel, "
              "scale=0.5,0.5,0.25,bias=-1,-1,-1");
}

double number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail(fmt::format("'{}' is no number", text));
  return value;
}

// "0.5" or "1/255".
float quotient(std::string_view text) {
  const size_t slash = text.find('/');
  const double value = slash == text.npos
                           ? number(text)
                           : number(text.substr(0, slash)) / number(text.substr(slash + 1));
  if (!std::isfinite(static_cast<float>(value))) fail(fmt::format("'{}' is not finite", text));
  return static_cast<float>(value);
}

}  // namespace

Preprocessing parse_preprocessing(std::string_view text) {
  std::vector<float> scale, bias;
  std::vector<float>* list = nullptr;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    if (const size_t equals = part.find('='); equals != part.npos) {
      const std::string_view key = part.substr(0, equals);
      if (key != "scale" && key != "bias") fail(fmt::format("there is no '{}'", key));
      list = key == "scale" ? &scale : &bias;
      if (!list->empty()) fail(fmt::format("'{}' twice", key));
      part.remove_prefix(equals + 1);
    }
    if (list == nullptr) fail(fmt::format("'{}' is neither scale nor bias", part));
    list->push_back(quotient(part));
  }
  Preprocessing result;
  if (!scale.empty()) result.scale = std::move(scale);
  if (!bias.empty()) result.bias = std::move(bias);
  return result;
}

void set_preprocessing(Graph& graph, const Preprocessing& preprocessing) {
  if (graph.inputs.size() != 1)
    throw Error(ErrorKind::usage, fmt::format("a preprocessing for {} inputs", graph.inputs.size()),
                graph.name, "models of several inputs take their arrays as they are");
  const Value& input = graph.value(graph.inputs[0]);
  const size_t channels =
      input.type.shape.empty() ? 1 : static_cast<size_t>(input.type.shape.back());
  for (const std::vector<float>* numbers : {&preprocessing.scale, &preprocessing.bias})
    if (numbers->size() != 1 && numbers->size() != channels)
      throw Error(ErrorKind::usage,
                  fmt::format("a preprocessing of {} channels for {}", numbers->size(),
                              to_string(input.type.shape)),
                  fmt::format("{}: input '{}'", graph.name, input.name),
                  "give one number for all channels, or one for each");
  graph.preprocessing = {preprocessing};
}

RealRange pixel_range(const Preprocessing& p) {
  RealRange range{p.bias[0], p.bias[0]};
  for (size_t c = 0; c < std::max(p.scale.size(), p.bias.size()); c++)
    for (const float pixel : {0.0f, 255.0f}) {
      const float real = p.scale[c % p.scale.size()] * pixel + p.bias[c % p.bias.size()];
      range = {std::min(range.min, real), std::max(range.max, real)};
    }
  return range;
}

}  // namespace mote::evaluate
