// <mote/mote.h>: what there is to name. Tested by api_test.cc.
#include <mote/mote.h>

#include "compress/recipe.h"
#include "datasets/dataset.h"
#include "deploy/devices/device.h"
#include "zoo/zoo.h"

namespace mote {

std::vector<DatasetInfo> list_datasets() {
  std::vector<DatasetInfo> result;
  for (const datasets::Info& info : datasets::list())
    result.push_back(
        {info.name, info.description, info.image, info.classes, info.train, info.test, info.found});
  return result;
}

std::vector<DeviceInfo> list_devices() {
  std::vector<DeviceInfo> result;
  for (const deploy::Device& device : deploy::built_in_devices())
    result.push_back({device.name, device.description, device.core, device.flash_bytes,
                      device.ram_bytes, !device.emulator.empty()});
  return result;
}

std::vector<RecipeInfo> list_recipes() {
  std::vector<RecipeInfo> result;
  for (const compress::Recipe& recipe : compress::built_in_recipes())
    result.push_back({recipe.name, recipe.description, std::string(name_of(recipe.scheme()))});
  return result;
}

std::vector<NetworkInfo> list_networks() {
  std::vector<NetworkInfo> result;
  for (const zoo::Entry& entry : zoo::entries()) result.push_back({entry.name, entry.description});
  return result;
}

}  // namespace mote
