#include "datasets/input_arrays.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace mote::datasets {
namespace {

constexpr const char* kSuffixes[] = {"", "_train", "_val", "_test"};

using Arrays = std::map<std::string, Array>;

[[noreturn]] void lacks(const std::string& name, const Arrays& arrays,
                        const std::vector<std::string>& inputs, const std::string& missing) {
  std::vector<std::string> keys;
  for (const auto& [key, array] : arrays) keys.push_back(key);
  throw Error(ErrorKind::invalid_input,
              fmt::format("no array '{}' among [{}]", missing, fmt::join(keys, ", ")), name,
              fmt::format("a model of several inputs takes an array [N, ...] for each of: {}; "
                          "labels are y",
                          fmt::join(inputs, ", ")));
}

// As if `input` were the only one: its arrays are x, those of the others are not there.
Arrays arrays_of(const std::string& input, Arrays arrays, const std::vector<std::string>& inputs) {
  Arrays own;
  for (const char* suffix : kSuffixes) {
    if (const auto found = arrays.find(input + suffix); found != arrays.end())
      own[fmt::format("x{}", suffix)] = found->second;
  }
  for (const char* suffix : kSuffixes) {
    for (const std::string& other : inputs) arrays.erase(other + suffix);
    arrays.erase(fmt::format("x{}", suffix));
  }
  own.merge(arrays);
  return own;
}

void check_arrays(const std::string& name, const Arrays& arrays,
                  const std::vector<std::string>& inputs) {
  bool any = false;
  for (const char* suffix : kSuffixes) {
    const auto first = arrays.find(inputs[0] + suffix);
    for (const std::string& input : inputs) {
      const auto found = arrays.find(input + suffix);
      any |= found != arrays.end();
      if ((found == arrays.end()) != (first == arrays.end()))
        lacks(name, arrays, inputs, (found == arrays.end() ? input : inputs[0]) + suffix);
      if (found == arrays.end() || first->second.shape.empty() || found->second.shape.empty())
        continue;
      const int32_t count = found->second.shape[0], expected = first->second.shape[0];
      if (count != expected)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} samples, '{}' has {}", count, inputs[0] + suffix, expected),
                    fmt::format("{}: {}", name, input + suffix));
    }
  }
  if (!any) lacks(name, arrays, inputs, inputs[0]);
}

}  // namespace

Dataset dataset_of_inputs(const std::string& name, const std::map<std::string, Array>& arrays,
                          const std::vector<std::string>& inputs, const LoadOptions& options) {
  check_arrays(name, arrays, inputs);
  LoadOptions single = options;
  single.inputs.clear();
  // Cuts follow from seed and count alone: the same samples for every input.
  Dataset result = from_arrays(name, arrays_of(inputs[0], arrays, inputs), single);
  for (size_t i = 1; i < inputs.size(); i++) {
    Dataset other = from_arrays(name, arrays_of(inputs[i], arrays, inputs), single);
    for (Split Dataset::*split : {&Dataset::train, &Dataset::validation, &Dataset::test})
      (result.*split).more.push_back(std::move((other.*split).images));
  }
  return result;
}

}  // namespace mote::datasets
