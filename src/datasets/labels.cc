#include "datasets/labels.h"

#include <filesystem>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"

namespace mote::datasets {

void check_labels(const Split& split, int32_t classes, const std::string& where) {
  if (split.labels.size() != static_cast<size_t>(split.count()))
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} labels for {} images", split.labels.size(), split.count()), where);
  for (size_t i = 0; i < split.labels.size(); i++)
    if (split.labels[i] < 0 || split.labels[i] >= classes)
      throw Error(
          ErrorKind::invalid_input,
          fmt::format("label {} of sample {} is outside [0, {})", split.labels[i], i, classes),
          where);
}

std::vector<std::string> numbered_classes(int32_t count) {
  std::vector<std::string> names;
  for (int32_t i = 0; i < count; i++) names.push_back(std::to_string(i));
  return names;
}

std::vector<std::string> read_class_names(const std::string& path, int32_t count) {
  if (!std::filesystem::exists(path)) return numbered_classes(count);
  const Bytes bytes = read_file(path);
  std::vector<std::string> names;
  for (std::string& line : split(std::string(bytes.begin(), bytes.end()), '\n')) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() != static_cast<size_t>(count))
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} class names where {} are expected", names.size(), count), path);
  return names;
}

}  // namespace mote::datasets
