#include "study/inputs.h"

#include <locale>
#include <sstream>

#include "base/file.h"
#include "base/sha256.h"
#include "base/toml_reader.h"
#include "deploy/devices/device.h"

namespace mote::study {
namespace {

void add(Sha256& sha, std::string_view text) {
  sha.add({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace

datasets::Dataset open_data(const DataSource& source) {
  datasets::Dataset data =
      datasets::load(source.source, {source.seed, source.validation_fraction, source.inputs});
  data.name = source.name;
  return data;
}

std::string sha256_of(const datasets::Dataset& data) {
  Sha256 sha;
  for (const datasets::Split* split : {&data.train, &data.validation, &data.test}) {
    std::vector<const Array*> arrays = {&split->images};
    for (const Array& array : split->more) arrays.push_back(&array);
    for (const Array* array : arrays) {
      add(sha, std::string(name_of(array->dtype)) + to_string(array->shape));
      sha.add(array->data);
    }
    const Bytes labels = to_bytes(std::span<const int32_t>(split->labels));
    add(sha, std::to_string(labels.size()));
    sha.add(labels);
  }
  for (const std::string& name : data.class_names) add(sha, name + "\n");
  return sha.hex();
}

Json recipe_json(const compress::Recipe& recipe) {
  Json json = compress::json_of(recipe);
  for (Json& step : json.at("steps"))
    if (const std::string teacher = step.value("teacher", ""); !teacher.empty())
      step["teacher"] = file_sha256(teacher);
  return json;
}

Json device_json(const std::string& name_or_path) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << toml::json_formatter(toml::parse(deploy::device_text(name_or_path)));
  return Json::parse(text.str());
}

std::string file_sha256(const std::string& path) {
  return sha256(read_file(path));
}

}  // namespace mote::study
