#pragma once

#include <pugixml.hpp>

#include "http/message.hpp"
#include "sim/cloud.hpp"
#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/service.hpp"

namespace sim {

/// EC2 in its query protocol.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
http::Response answer_ec2(Cloud& cloud, const Call& call);

/// The operations, each in the file of its kind: they read the form and fill the response element.
namespace ec2 {

// ec2_spot_api.cpp
Answer<void> request_spot_instances(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_spot_instance_requests(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> cancel_spot_instance_requests(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_template_api.cpp
Answer<void> create_launch_template(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> create_launch_template_version(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> delete_launch_template(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_launch_templates(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_launch_template_versions(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_fleet_api.cpp
Answer<void> create_fleet(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_run_api.cpp
Answer<void> run_instances(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_machine_api.cpp
Answer<void> describe_instances(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> terminate_instances(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> stop_instances(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> start_instances(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> reboot_instances(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_image_api.cpp
Answer<void> create_image(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_images(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> deregister_image(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_snapshot_api.cpp
Answer<void> describe_snapshots(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> delete_snapshot(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_status_api.cpp
Answer<void> describe_instance_status(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_address_api.cpp
Answer<void> allocate_address(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> associate_address(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_addresses(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> disassociate_address(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> release_address(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_tag_api.cpp
Answer<void> create_tags(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> delete_tags(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_tags(Cloud& cloud, Form& form, pugi::xml_node response);

// ec2_scenery_api.cpp
Answer<void> describe_subnets(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_security_groups(Cloud& cloud, Form& form, pugi::xml_node response);
Answer<void> describe_availability_zones(Cloud& cloud, Form& form, pugi::xml_node response);

}  // namespace ec2
}  // namespace sim
