#pragma once

#include "aws/ec2.hpp"
#include "fleet/fact.hpp"
#include "manager/settings.hpp"

/// Between AWS's shapes and the core's words.
namespace manager {

fleet::Ec2State to_fleet(aws::InstanceState state);
fleet::RequestState to_fleet(aws::SpotRequestState state);
fleet::ImageState to_fleet(aws::ImageState state);
fleet::MachineDescribed to_fact(const aws::Instance& instance);
fleet::RequestDescribed to_fact(const aws::SpotRequest& request);

/// Everything that carries our tags is ours and this store's.
inline constexpr const char* tag_store = "spot-manager:store";
/// The value of tag_store on what a user keeps.
inline constexpr const char* tag_store_released = "released";
inline constexpr const char* tag_name = "spot-manager:name";
inline constexpr const char* tag_uid = "spot-manager:uid";
inline constexpr const char* tag_generation = "spot-manager:generation";
inline constexpr const char* tag_token = "spot-manager:token";
inline constexpr const char* tag_test = "spot-manager:test";  ///< the machine only tests an image
/// When an image was asked for.
inline constexpr const char* tag_time = "spot-manager:time";

/// Of everything that belongs to a name: the user's tags, and ours.
aws::Tags tags_of(const fleet::Record& record, const std::string& store_id);

/// Of a launch's spot request and machine: the user's tags, and ours.
aws::Tags tags_of(const fleet::Record& record, int generation, const std::string& store_id);

/// The call that makes an attempt; equal for equal attempts.
aws::RequestSpotInstancesInput to_input(const fleet::Record& record, int generation,
                                        const fleet::Attempt& attempt, const std::string& store_id,
                                        const Settings& settings);

/// The fleet that an attempt asks for; its launch template must be there. Equal for equal attempts.
aws::CreateFleetInput to_fleet_input(const fleet::Record& record, int generation,
                                     const fleet::Attempt& attempt, const std::string& store_id);

/// The same for every revision of its spec, and no other name's: asked for twice, it is made once.
std::string template_name(const fleet::Record& record, const std::string& store_id);
aws::LaunchTemplateData to_template_data(const fleet::Record& record, const std::string& store_id,
                                         const Settings& settings);

fleet::ImageDescribed to_fact(const aws::Image& image);

/// The call that makes an image of the chain; equal for equal images.
aws::CreateImageInput to_image_input(const fleet::Record& record, const fleet::Image& image,
                                     const std::string& store_id);

/// Where a machine came from.
fleet::Pool to_pool(const aws::Instance& instance);

}  // namespace manager
