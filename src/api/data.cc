// <mote/data.h>: data sets by name or from arrays. Tested by api_test.cc.
#include <mote/data.h>

#include <fmt/format.h>

#include "api/tensors.h"
#include "datasets/dataset.h"

namespace mote {
namespace {

datasets::LoadOptions load_options(const DataOptions& options) {
  if (!(options.validation_fraction >= 0 && options.validation_fraction <= 0.9))
    throw Error(ErrorKind::usage,
                fmt::format("a validation fraction of {}", options.validation_fraction), "",
                "from 0 to 0.9");
  return {options.seed, options.validation_fraction, options.inputs};
}

// As the members of an .npz.
void add(std::map<std::string, Array>& arrays, const Samples& samples, const std::string& name,
         const std::string& suffix) {
  const std::string images = "x" + suffix;
  arrays[images] = api::to_array(samples.images, name + ": " + images);
  if (!samples.labels.empty())
    arrays["y" + suffix] =
        api::to_array(Tensor::of({static_cast<int32_t>(samples.labels.size())}, samples.labels),
                      name + ": y" + suffix);
}

}  // namespace

Dataset::Dataset(std::shared_ptr<const datasets::Dataset> content) : content_(std::move(content)) {}

const std::string& Dataset::name() const {
  return content_->name;
}

bool Dataset::synthetic() const {
  return content_->synthetic;
}

const std::vector<std::string>& Dataset::class_names() const {
  return content_->class_names;
}

Samples Dataset::samples(const std::string& split) const {
  const datasets::Split& samples = datasets::split_of(*content_, split);
  return {api::to_tensor(samples.images), samples.labels};
}

Dataset load_dataset(const std::string& name_or_path, const DataOptions& options) {
  return Dataset(std::make_shared<const datasets::Dataset>(
      datasets::load(name_or_path, load_options(options))));
}

Dataset make_dataset(const std::string& name, const ArrayData& data, const DataOptions& options) {
  std::map<std::string, Array> arrays;
  const bool tested = !data.test.images.data.empty();
  add(arrays, data.train, name, tested ? "_train" : "");
  if (tested) add(arrays, data.test, name, "_test");
  datasets::Dataset dataset = datasets::from_arrays(name, arrays, load_options(options));
  if (!data.class_names.empty()) {
    if (data.class_names.size() < dataset.class_names.size())
      throw Error(ErrorKind::usage,
                  fmt::format("{} names for {} classes", data.class_names.size(),
                              dataset.class_names.size()),
                  name);
    dataset.class_names = data.class_names;
  }
  return Dataset(std::make_shared<const datasets::Dataset>(std::move(dataset)));
}

}  // namespace mote
