"""The Kubernetes types that Fluid uses (generated from schemas/kubernetes.json; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import (
    IntOrString,
    JsonObject,
    KubeModel,
    KubeObject,
    MicroTime,
    ObjectMeta,
    Quantity,
    Resource,
    Time,
)


class AWSElasticBlockStoreVolumeSource(KubeModel):
    """Represents a Persistent Disk resource in AWS.

    An AWS EBS disk must exist before mounting to a container. The disk must also be in the same AWS zone
    as the kubelet. An AWS EBS disk can only be mounted as read/write once. AWS EBS volumes support
    ownership management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem
    type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to
    be "ext4" if unspecified. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """

    partition: int | None = None
    """partition is the partition in the volume that you want to mount. If omitted, the default is to mount by
    volume name. Examples: For volume /dev/sda1, you specify the partition as "1". Similarly, the volume
    partition for /dev/sda is "0" (or you can leave the property empty).
    """

    read_only: bool | None = None
    """readOnly value true will force the readOnly setting in VolumeMounts. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """

    volume_id: Annotated[str, Field(alias="volumeID")]
    """volumeID is unique ID of the persistent disk resource in AWS (Amazon EBS volume). More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """


class AppArmorProfile(KubeModel):
    """AppArmorProfile defines a pod or container's AppArmor settings."""

    localhost_profile: str | None = None
    """localhostProfile indicates a profile loaded on the node that should be used. The profile must be
    preconfigured on the node to work. Must match the loaded name of the profile. Must be set if and only
    if type is "Localhost".
    """

    type: str
    """type indicates which kind of AppArmor profile will be applied. Valid options are:
      Localhost - a profile pre-loaded on the node.
      RuntimeDefault - the container runtime's default profile.
      Unconfined - no AppArmor enforcement.
    """


class ApplyConfiguration(KubeModel):
    """ApplyConfiguration defines the desired configuration values of an object."""

    expression: str | None = None
    """expression will be evaluated by CEL to create an apply configuration. ref:
    https://github.com/google/cel-spec

    Apply configurations are declared in CEL using object initialization. For example, this CEL expression
    returns an apply configuration to set a single field:

        Object{
          spec: Object.spec{
            serviceAccountName: "example"
          }
        }

    Apply configurations may not modify atomic structs, maps or arrays due to the risk of accidental
    deletion of values not included in the apply configuration.

    CEL expressions have access to the object types needed to create apply configurations:

    - 'Object' - CEL type of the resource object. - 'Object.<fieldName>' - CEL type of object field (such
    as 'Object.spec') - 'Object.<fieldName1>.<fieldName2>...<fieldNameN>` - CEL type of nested field (such
    as 'Object.spec.containers')

    CEL expressions have access to the contents of the API request, organized into CEL variables as well as
    some other useful variables:

    - 'object' - The object from the incoming request. The value is null for DELETE requests. - 'oldObject'
    - The existing object. The value is null for CREATE requests. - 'request' - Attributes of the API
    request([ref](/pkg/apis/admission/types.go#AdmissionRequest)). - 'params' - Parameter resource referred
    to by the policy binding being evaluated. Only populated if the policy has a ParamKind. -
    'namespaceObject' - The namespace object that the incoming object belongs to. The value is null for
    cluster-scoped resources. - 'variables' - Map of composited variables, from its name to its lazily
    evaluated value.
      For example, a variable named 'foo' can be accessed as 'variables.foo'.
    - 'authorizer' - A CEL Authorizer. May be used to perform authorization checks for the principal (user
    or service account) of the request.
      See https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#Authz
    - 'authorizer.requestResource' - A CEL ResourceCheck constructed from the 'authorizer' and configured
    with the
      request resource.

    The `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are always accessible from the
    root of the object. No other metadata properties are accessible.

    Only property names of the form `[a-zA-Z_.-/][a-zA-Z0-9_.-/]*` are accessible. Required.
    """


class AttachedVolume(KubeModel):
    """AttachedVolume describes a volume attached to a node"""

    device_path: str
    """DevicePath represents the device path where the volume should be available"""

    name: str
    """Name of the attached volume"""


class AuditAnnotation(KubeModel):
    """AuditAnnotation describes how to produce an audit annotation for an API request."""

    key: str
    """key specifies the audit annotation key. The audit annotation keys of a ValidatingAdmissionPolicy must
    be unique. The key must be a qualified name ([A-Za-z0-9][-A-Za-z0-9_.]*) no more than 63 bytes in
    length.

    The key is combined with the resource name of the ValidatingAdmissionPolicy to construct an audit
    annotation key: "{ValidatingAdmissionPolicy name}/{key}".

    If an admission webhook uses the same resource name as this ValidatingAdmissionPolicy and the same
    audit annotation key, the annotation key will be identical. In this case, the first annotation written
    with the key will be included in the audit event and all subsequent annotations with the same key will
    be discarded.

    Required.
    """

    value_expression: str
    """valueExpression represents the expression which is evaluated by CEL to produce an audit annotation
    value. The expression must evaluate to either a string or null value. If the expression evaluates to a
    string, the audit annotation is included with the string value. If the expression evaluates to null or
    empty string the audit annotation will be omitted. The valueExpression may be no longer than 5kb in
    length. If the result of the valueExpression is more than 10kb in length, it will be truncated to 10kb.

    If multiple ValidatingAdmissionPolicyBinding resources match an API request, then the valueExpression
    will be evaluated for each binding. All unique values produced by the valueExpressions will be joined
    together in a comma-separated list.

    Required.
    """


class AzureDiskVolumeSource(KubeModel):
    """AzureDisk represents an Azure Data Disk mount on the host and bind mount to the pod."""

    caching_mode: str | None = None
    """cachingMode is the Host Caching mode: None, Read Only, Read Write."""

    disk_name: str
    """diskName is the Name of the data disk in the blob storage"""

    disk_uri: Annotated[str, Field(alias="diskURI")]
    """diskURI is the URI of data disk in the blob storage"""

    fs_type: str | None = None
    """fsType is Filesystem type to mount. Must be a filesystem type supported by the host operating system.
    Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    kind: str | None = None
    """kind expected values are Shared: multiple blob disks per storage account  Dedicated: single blob disk
    per storage account  Managed: azure managed data disk (only in managed availability set). defaults to
    shared
    """

    read_only: bool | None = None
    """readOnly Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""


class AzureFilePersistentVolumeSource(KubeModel):
    """AzureFile represents an Azure File Service mount on the host and bind mount to the pod."""

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_name: str
    """secretName is the name of secret that contains Azure Storage Account Name and Key"""

    secret_namespace: str | None = None
    """secretNamespace is the namespace of the secret that contains Azure Storage Account Name and Key default
    is the same as the Pod
    """

    share_name: str
    """shareName is the azure Share Name"""


class AzureFileVolumeSource(KubeModel):
    """AzureFile represents an Azure File Service mount on the host and bind mount to the pod."""

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_name: str
    """secretName is the  name of secret that contains Azure Storage Account Name and Key"""

    share_name: str
    """shareName is the azure share Name"""


class Capabilities(KubeModel):
    """Adds and removes POSIX capabilities from running containers."""

    add: list[str] | None = None
    """Added capabilities"""

    drop: list[str] | None = None
    """Removed capabilities"""


class ClientIPConfig(KubeModel):
    """ClientIPConfig represents the configurations of Client IP based session affinity."""

    timeout_seconds: int | None = None
    """timeoutSeconds specifies the seconds of ClientIP type session sticky time. The value must be >0 &&
    <=86400(for 1 day) if ServiceAffinity == "ClientIP". Default value is 10800(for 3 hours).
    """


class Condition(KubeModel):
    """Condition contains details for one aspect of the current state of this API Resource."""

    last_transition_time: Time
    """lastTransitionTime is the last time the condition transitioned from one status to another. This should
    be when the underlying condition changed.  If that is not known, then using the time when the API field
    changed is acceptable.
    """

    message: str
    """message is a human readable message indicating details about the transition. This may be an empty
    string.
    """

    observed_generation: int | None = None
    """observedGeneration represents the .metadata.generation that the condition was set based upon. For
    instance, if .metadata.generation is currently 12, but the .status.conditions[x].observedGeneration is
    9, the condition is out of date with respect to the current state of the instance.
    """

    reason: str
    """reason contains a programmatic identifier indicating the reason for the condition's last transition.
    Producers of specific condition types may define expected values and meanings for this field, and
    whether the values are considered a guaranteed API. The value should be a CamelCase string. This field
    may not be empty.
    """

    status: str
    """status of the condition, one of True, False, Unknown."""

    type: str
    """type of condition in CamelCase or in foo.example.com/CamelCase."""


class ConfigMap(KubeObject):
    """ConfigMap holds configuration data for pods to consume."""

    resource: ClassVar[Resource] = Resource("", "v1", "ConfigMap", "configmaps", namespaced=True)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["ConfigMap"] = "ConfigMap"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    binary_data: dict[str, str] | None = None
    """BinaryData contains the binary data. Each key must consist of alphanumeric characters, '-', '_' or '.'.
    BinaryData can contain byte sequences that are not in the UTF-8 range. The keys stored in BinaryData
    must not overlap with the ones in the Data field, this is enforced during validation process. Using
    this field will require 1.10+ apiserver and kubelet.
    """

    data: dict[str, str] | None = None
    """Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or
    '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must
    not overlap with the keys in the BinaryData field, this is enforced during validation process.
    """

    immutable: bool | None = None
    """Immutable, if set to true, ensures that data stored in the ConfigMap cannot be updated (only object
    metadata can be modified). If not set to true, the field can be modified at any time. Defaulted to nil.
    """


class ConfigMapEnvSource(KubeModel):
    """ConfigMapEnvSource selects a ConfigMap to populate the environment variables with.

    The contents of the target ConfigMap's Data field will represent the key-value pairs as environment
    variables.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """Specify whether the ConfigMap must be defined"""


class ConfigMapKeySelector(KubeModel):
    """Selects a key from a ConfigMap."""

    key: str
    """The key to select."""

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """Specify whether the ConfigMap or its key must be defined"""


class ConfigMapNodeConfigSource(KubeModel):
    """ConfigMapNodeConfigSource contains the information to reference a ConfigMap as a config source for the
    Node. This API is deprecated since 1.22:
    https://git.k8s.io/enhancements/keps/sig-node/281-dynamic-kubelet-configuration
    """

    kubelet_config_key: str
    """KubeletConfigKey declares which key of the referenced ConfigMap corresponds to the KubeletConfiguration
    structure This field is required in all cases.
    """

    name: str
    """Name is the metadata.name of the referenced ConfigMap. This field is required in all cases."""

    namespace: str
    """Namespace is the metadata.namespace of the referenced ConfigMap. This field is required in all cases."""

    resource_version: str | None = None
    """ResourceVersion is the metadata.ResourceVersion of the referenced ConfigMap. This field is forbidden in
    Node.Spec, and required in Node.Status.
    """

    uid: str | None = None
    """UID is the metadata.UID of the referenced ConfigMap. This field is forbidden in Node.Spec, and required
    in Node.Status.
    """


class ContainerExtendedResourceRequest(KubeModel):
    """ContainerExtendedResourceRequest has the mapping of container name, extended resource name to the
    device request name.
    """

    container_name: str
    """The name of the container requesting resources."""

    request_name: str
    """The name of the request in the special ResourceClaim which corresponds to the extended resource."""

    resource_name: str
    """The name of the extended resource in that container which gets backed by DRA."""


class ContainerImage(KubeModel):
    """Describe a container image"""

    names: list[str] | None = None
    """Names by which this image is known. e.g. ["kubernetes.example/hyperkube:v1.0.7",
    "cloud-vendor.registry.example/cloud-vendor/hyperkube:v1.0.7"]
    """

    size_bytes: int | None = None
    """The size of the image in bytes."""


class ContainerPort(KubeModel):
    """ContainerPort represents a network port in a single container."""

    container_port: int
    """Number of port to expose on the pod's IP address. This must be a valid port number, 0 < x < 65536."""

    host_ip: Annotated[str | None, Field(alias="hostIP")] = None
    """What host IP to bind the external port to."""

    host_port: int | None = None
    """Number of port to expose on the host. If specified, this must be a valid port number, 0 < x < 65536. If
    HostNetwork is specified, this must match ContainerPort. Most containers do not need this.
    """

    name: str | None = None
    """If specified, this must be an IANA_SVC_NAME and unique within the pod. Each named port in a pod must
    have a unique name. Name for the port that can be referred to by services.
    """

    protocol: str | None = None
    """Protocol for port. Must be UDP, TCP, or SCTP. Defaults to "TCP"."""


class ContainerResizePolicy(KubeModel):
    """ContainerResizePolicy represents resource resize policy for the container."""

    resource_name: str
    """Name of the resource to which this resource resize policy applies. Supported values: cpu, memory."""

    restart_policy: str
    """Restart policy to apply when specified resource is resized. If not specified, it defaults to
    NotRequired.
    """


class ContainerRestartRuleOnExitCodes(KubeModel):
    """ContainerRestartRuleOnExitCodes describes the condition for handling an exited container based on its
    exit codes.
    """

    operator: str
    """Represents the relationship between the container exit code(s) and the specified values. Possible
    values are: - In: the requirement is satisfied if the container exit code is in the
      set of specified values.
    - NotIn: the requirement is satisfied if the container exit code is
      not in the set of specified values.
    """

    values: list[int] | None = None
    """Specifies the set of values to check for container exit codes. At most 255 elements are allowed."""


class ContainerStateRunning(KubeModel):
    """ContainerStateRunning is a running state of a container."""

    started_at: Time | None = None
    """Time at which the container was last (re-)started"""


class ContainerStateTerminated(KubeModel):
    """ContainerStateTerminated is a terminated state of a container."""

    container_id: Annotated[str | None, Field(alias="containerID")] = None
    """Container's ID in the format '<type>://<container_id>'"""

    exit_code: int
    """Exit status from the last termination of the container"""

    finished_at: Time | None = None
    """Time at which the container last terminated"""

    message: str | None = None
    """Message regarding the last termination of the container"""

    reason: str | None = None
    """(brief) reason from the last termination of the container"""

    signal: int | None = None
    """Signal from the last termination of the container"""

    started_at: Time | None = None
    """Time at which previous execution of the container started"""


class ContainerStateWaiting(KubeModel):
    """ContainerStateWaiting is a waiting state of a container."""

    message: str | None = None
    """Message regarding why the container is not yet running."""

    reason: str | None = None
    """(brief) reason the container is not yet running."""


class CustomResourceDefinition(KubeObject):
    """CustomResourceDefinition represents a resource that should be exposed on the API server.  Its name MUST
    be in the format <.spec.name>.<.spec.group>.
    """

    resource: ClassVar[Resource] = Resource(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        namespaced=False,
    )

    api_version: Literal["apiextensions.k8s.io/v1"] = "apiextensions.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["CustomResourceDefinition"] = "CustomResourceDefinition"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: JsonObject
    """spec describes how the user wants the resources to appear"""

    status: JsonObject | None = None
    """status indicates the actual state of the CustomResourceDefinition"""


class DaemonEndpoint(KubeModel):
    """DaemonEndpoint contains information about a single Daemon endpoint."""

    port: Annotated[int, Field(alias="Port")]
    """Port number of the given endpoint."""


class DaemonSetCondition(KubeModel):
    """DaemonSetCondition describes the state of a DaemonSet at a certain point."""

    last_transition_time: Time | None = None
    """Last time the condition transitioned from one status to another."""

    message: str | None = None
    """A human readable message indicating details about the transition."""

    reason: str | None = None
    """The reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of DaemonSet condition."""


class DaemonSetStatus(KubeModel):
    """DaemonSetStatus represents the current status of a daemon set."""

    collision_count: int | None = None
    """Count of hash collisions for the DaemonSet. The DaemonSet controller uses this field as a collision
    avoidance mechanism when it needs to create the name for the newest ControllerRevision.
    """

    conditions: list[DaemonSetCondition] | None = None
    """Represents the latest available observations of a DaemonSet's current state."""

    current_number_scheduled: int
    """The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More
    info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    """

    desired_number_scheduled: int
    """The total number of nodes that should be running the daemon pod (including nodes correctly running the
    daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    """

    number_available: int | None = None
    """The number of nodes that should be running the daemon pod and have one or more of the daemon pod
    running and available (ready for at least spec.minReadySeconds)
    """

    number_misscheduled: int
    """The number of nodes that are running the daemon pod, but are not supposed to run the daemon pod. More
    info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    """

    number_ready: int
    """numberReady is the number of nodes that should be running the daemon pod and have one or more of the
    daemon pod running with a Ready Condition.
    """

    number_unavailable: int | None = None
    """The number of nodes that should be running the daemon pod and have none of the daemon pod running and
    available (ready for at least spec.minReadySeconds)
    """

    observed_generation: int | None = None
    """The most recent generation observed by the daemon set controller."""

    updated_number_scheduled: int | None = None
    """The total number of nodes that are running updated daemon pod"""


class DeploymentCondition(KubeModel):
    """DeploymentCondition describes the state of a deployment at a certain point."""

    last_transition_time: Time | None = None
    """Last time the condition transitioned from one status to another."""

    last_update_time: Time | None = None
    """The last time this condition was updated."""

    message: str | None = None
    """A human readable message indicating details about the transition."""

    reason: str | None = None
    """The reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of deployment condition."""


class DeploymentStatus(KubeModel):
    """DeploymentStatus is the most recently observed status of the Deployment."""

    available_replicas: int | None = None
    """Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this
    deployment.
    """

    collision_count: int | None = None
    """Count of hash collisions for the Deployment. The Deployment controller uses this field as a collision
    avoidance mechanism when it needs to create the name for the newest ReplicaSet.
    """

    conditions: list[DeploymentCondition] | None = None
    """Represents the latest available observations of a deployment's current state."""

    observed_generation: int | None = None
    """The generation observed by the deployment controller."""

    ready_replicas: int | None = None
    """Total number of non-terminating pods targeted by this Deployment with a Ready Condition."""

    replicas: int | None = None
    """Total number of non-terminating pods targeted by this deployment (their labels match the selector)."""

    terminating_replicas: int | None = None
    """Total number of terminating pods targeted by this deployment. Terminating pods have a non-null
    .metadata.deletionTimestamp and have not yet reached the Failed or Succeeded .status.phase.

    This is a beta field and requires enabling DeploymentReplicaSetTerminatingReplicas feature (enabled by
    default).
    """

    unavailable_replicas: int | None = None
    """Total number of unavailable pods targeted by this deployment. This is the total number of pods that are
    still required for the deployment to have 100% available capacity. They may either be pods that are
    running but not yet available or pods that still have not been created.
    """

    updated_replicas: int | None = None
    """Total number of non-terminating pods targeted by this deployment that have the desired template spec."""


class EmptyDirVolumeSource(KubeModel):
    """Represents an empty directory for a pod. Empty directory volumes support ownership management and
    SELinux relabeling.
    """

    medium: str | None = None
    """medium represents what type of storage medium should back this directory. The default is "" which means
    to use the node's default medium. Must be an empty string (default) or Memory. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#emptydir
    """

    size_limit: Quantity | None = None
    """sizeLimit is the total amount of local storage required for this EmptyDir volume. The size limit is
    also applicable for memory medium. The maximum usage on memory medium EmptyDir would be the minimum
    value between the SizeLimit specified here and the sum of memory limits of all containers in a pod. The
    default is nil which means that the limit is undefined. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#emptydir
    """


class EventSeries(KubeModel):
    """EventSeries contain information on series of events, i.e. thing that was/is happening continuously for
    some time.
    """

    count: int | None = None
    """Number of occurrences in this series up to the last heartbeat time"""

    last_observed_time: MicroTime | None = None
    """Time of the last occurrence observed"""


class EventSource(KubeModel):
    """EventSource contains information for an event."""

    component: str | None = None
    """Component from which the event is generated."""

    host: str | None = None
    """Node name on which the event is generated."""


class ExecAction(KubeModel):
    """ExecAction describes a "run in container" action."""

    command: list[str] | None = None
    """Command is the command line to execute inside the container, the working directory for the command  is
    root ('/') in the container's filesystem. The command is simply exec'd, it is not run inside a shell,
    so traditional shell instructions ('|', etc) won't work. To use a shell, you need to explicitly call
    out to that shell. Exit status of 0 is treated as live/healthy and non-zero is unhealthy.
    """


class ExpressionWarning(KubeModel):
    """ExpressionWarning is a warning information that targets a specific expression."""

    field_ref: str
    """fieldRef is the path to the field that refers to the expression. For example, the reference to the
    expression of the first item of validations is "spec.validations[0].expression"
    """

    warning: str
    """warning contains the content of type checking information in a human-readable form. Each line of the
    warning contains the type that the expression is checked against, followed by the type check error from
    the compiler.
    """


class FCVolumeSource(KubeModel):
    """Represents a Fibre Channel volume. Fibre Channel volumes can only be mounted as read/write once. Fibre
    Channel volumes support ownership management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    lun: int | None = None
    """lun is Optional: FC target lun number"""

    read_only: bool | None = None
    """readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts.
    """

    target_ww_ns: Annotated[list[str] | None, Field(alias="targetWWNs")] = None
    """targetWWNs is Optional: FC target worldwide names (WWNs)"""

    wwids: list[str] | None = None
    """wwids Optional: FC volume world wide identifiers (wwids) Either wwids or combination of targetWWNs and
    lun must be set, but not both simultaneously.
    """


class FileKeySelector(KubeModel):
    """FileKeySelector selects a key of the env file."""

    key: str
    """The key within the env file. An invalid key will prevent the pod from starting. The keys defined within
    a source may consist of any printable ASCII characters except '='. During Alpha stage of the EnvFiles
    feature gate, the key size is limited to 128 characters.
    """

    optional: bool | None = None
    """Specify whether the file or its key must be defined. If the file or key does not exist, then the env
    var is not published. If optional is set to true and the specified key does not exist, the environment
    variable will not be set in the Pod's containers.

    If optional is set to false and the specified key does not exist, an error will be returned during Pod
    creation.
    """

    path: str
    """The path within the volume from which to select the file. Must be relative and may not contain the '..'
    path or start with '..'.
    """

    volume_name: str
    """The name of the volume mount containing the env file."""


class FlockerVolumeSource(KubeModel):
    """Represents a Flocker volume mounted by the Flocker agent. One and only one of datasetName and
    datasetUUID should be set. Flocker volumes do not support ownership management or SELinux relabeling.
    """

    dataset_name: str | None = None
    """datasetName is Name of the dataset stored as metadata -> name on the dataset for Flocker should be
    considered as deprecated
    """

    dataset_uuid: Annotated[str | None, Field(alias="datasetUUID")] = None
    """datasetUUID is the UUID of the dataset. This is unique identifier of a Flocker dataset"""


class GCEPersistentDiskVolumeSource(KubeModel):
    """Represents a Persistent Disk resource in Google Compute Engine.

    A GCE PD must exist before mounting to a container. The disk must also be in the same GCE project and
    zone as the kubelet. A GCE PD can only be mounted as read/write once or read-only many times. GCE PDs
    support ownership management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is
    supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be
    "ext4" if unspecified. More info: https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    partition: int | None = None
    """partition is the partition in the volume that you want to mount. If omitted, the default is to mount by
    volume name. Examples: For volume /dev/sda1, you specify the partition as "1". Similarly, the volume
    partition for /dev/sda is "0" (or you can leave the property empty). More info:
    https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    pd_name: str
    """pdName is unique name of the PD resource in GCE. Used to identify the disk in GCE. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    read_only: bool | None = None
    """readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """


class GRPCAction(KubeModel):
    """GRPCAction specifies an action involving a GRPC service."""

    port: int
    """Port number of the gRPC service. Number must be in the range 1 to 65535."""

    service: str | None = None
    """Service is the name of the service to place in the gRPC HealthCheckRequest (see
    https://github.com/grpc/grpc/blob/master/doc/health-checking.md).

    If this is not specified, the default behavior is defined by gRPC.
    """


class GitRepoVolumeSource(KubeModel):
    """Represents a volume that is populated with the contents of a git repository. Git repo volumes do not
    support ownership management. Git repo volumes support SELinux relabeling.

    DEPRECATED: GitRepo is deprecated. To provision a container with a git repo, mount an EmptyDir into an
    InitContainer that clones the repo using git, then mount the EmptyDir into the Pod's container.
    """

    directory: str | None = None
    """directory is the target directory name. Must not contain or start with '..'.  If '.' is supplied, the
    volume directory will be the git repository.  Otherwise, if specified, the volume will contain the git
    repository in the subdirectory with the given name.
    """

    repository: str
    """repository is the URL"""

    revision: str | None = None
    """revision is the commit hash for the specified revision."""


class GlusterfsPersistentVolumeSource(KubeModel):
    """Represents a Glusterfs mount that lasts the lifetime of a pod. Glusterfs volumes do not support
    ownership management or SELinux relabeling.
    """

    endpoints: str
    """endpoints is the endpoint name that details Glusterfs topology. More info:
    https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """

    endpoints_namespace: str | None = None
    """endpointsNamespace is the namespace that contains Glusterfs endpoint. If this field is empty, the
    EndpointNamespace defaults to the same namespace as the bound PVC. More info:
    https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """

    path: str
    """path is the Glusterfs volume path. More info:
    https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """

    read_only: bool | None = None
    """readOnly here will force the Glusterfs volume to be mounted with read-only permissions. Defaults to
    false. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """


class GlusterfsVolumeSource(KubeModel):
    """Represents a Glusterfs mount that lasts the lifetime of a pod. Glusterfs volumes do not support
    ownership management or SELinux relabeling.
    """

    endpoints: str
    """endpoints is the endpoint name that details Glusterfs topology."""

    path: str
    """path is the Glusterfs volume path. More info:
    https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """

    read_only: bool | None = None
    """readOnly here will force the Glusterfs volume to be mounted with read-only permissions. Defaults to
    false. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
    """


class HTTPHeader(KubeModel):
    """HTTPHeader describes a custom header to be used in HTTP probes"""

    name: str
    """The header field name. This will be canonicalized upon output, so case-variant names will be understood
    as the same header.
    """

    value: str
    """The header field value"""


class HostAlias(KubeModel):
    """HostAlias holds the mapping between IP and hostnames that will be injected as an entry in the pod's
    hosts file.
    """

    hostnames: list[str] | None = None
    """Hostnames for the above IP address."""

    ip: str
    """IP address of the host file entry."""


class HostIP(KubeModel):
    """HostIP represents a single IP address allocated to the host."""

    ip: str
    """IP is the IP address assigned to the host"""


class HostPathVolumeSource(KubeModel):
    """Represents a host path mapped into a pod. Host path volumes do not support ownership management or
    SELinux relabeling.
    """

    path: str
    """path of the directory on the host. If the path is a symlink, it will follow the link to the real path.
    More info: https://kubernetes.io/docs/concepts/storage/volumes#hostpath
    """

    type: str | None = None
    """type for HostPath Volume Defaults to "" More info:
    https://kubernetes.io/docs/concepts/storage/volumes#hostpath
    """


class ImageVolumeSource(KubeModel):
    """ImageVolumeSource represents a image volume resource."""

    pull_policy: str | None = None
    """Policy for pulling OCI objects. Possible values are: Always: the kubelet always attempts to pull the
    reference. Container creation will fail If the pull fails. Never: the kubelet never pulls the reference
    and only uses a local image or artifact. Container creation will fail if the reference isn't present.
    IfNotPresent: the kubelet pulls if the reference isn't already present on disk. Container creation will
    fail if the reference isn't present and the pull fails. Defaults to Always if :latest tag is specified,
    or IfNotPresent otherwise.
    """

    reference: str | None = None
    """Required: Image or artifact reference to be used. Behaves in the same way as
    pod.spec.containers[*].image. Pull secrets will be assembled in the same way as for the container image
    by looking up node credentials, SA image pull secrets, and pod spec image pull secrets. More info:
    https://kubernetes.io/docs/concepts/containers/images This field is optional to allow higher level
    config management to default or override container images in workload controllers like Deployments and
    StatefulSets.
    """


class ImageVolumeStatus(KubeModel):
    """ImageVolumeStatus represents the image-based volume status."""

    image_ref: str
    """ImageRef is the digest of the image used for this volume. It should have a value that's similar to the
    pod's status.containerStatuses[i].imageID. The ImageRef length should not exceed 256 characters.
    """


class JSONPatch(KubeModel):
    """JSONPatch defines a JSON Patch."""

    expression: str | None = None
    """expression will be evaluated by CEL to create a [JSON patch](https://jsonpatch.com/). ref:
    https://github.com/google/cel-spec

    expression must return an array of JSONPatch values.

    For example, this CEL expression returns a JSON patch to conditionally modify a value:

          [
            JSONPatch{op: "test", path: "/spec/example", value: "Red"},
            JSONPatch{op: "replace", path: "/spec/example", value: "Green"}
          ]

    To define an object for the patch value, use Object types. For example:

          [
            JSONPatch{
              op: "add",
              path: "/spec/selector",
              value: Object.spec.selector{matchLabels: {"environment": "test"}}
            }
          ]

    To use strings containing '/' and '~' as JSONPatch path keys, use "jsonpatch.escapeKey". For example:

          [
            JSONPatch{
              op: "add",
              path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/environment"),
              value: "test"
            },
          ]

    CEL expressions have access to the types needed to create JSON patches and objects:

    - 'JSONPatch' - CEL type of JSON Patch operations. JSONPatch has the fields 'op', 'from', 'path' and
    'value'.
      See [JSON patch](https://jsonpatch.com/) for more details. The 'value' field may be set to any of:
    string,
      integer, array, map or object.  If set, the 'path' and 'from' fields must be set to a
      [JSON pointer](https://datatracker.ietf.org/doc/html/rfc6901/) string, where the
    'jsonpatch.escapeKey()' CEL
      function may be used to escape path keys containing '/' and '~'.
    - 'Object' - CEL type of the resource object. - 'Object.<fieldName>' - CEL type of object field (such
    as 'Object.spec') - 'Object.<fieldName1>.<fieldName2>...<fieldNameN>` - CEL type of nested field (such
    as 'Object.spec.containers')

    CEL expressions have access to the contents of the API request, organized into CEL variables as well as
    some other useful variables:

    - 'object' - The object from the incoming request. The value is null for DELETE requests. - 'oldObject'
    - The existing object. The value is null for CREATE requests. - 'request' - Attributes of the API
    request([ref](/pkg/apis/admission/types.go#AdmissionRequest)). - 'params' - Parameter resource referred
    to by the policy binding being evaluated. Only populated if the policy has a ParamKind. -
    'namespaceObject' - The namespace object that the incoming object belongs to. The value is null for
    cluster-scoped resources. - 'variables' - Map of composited variables, from its name to its lazily
    evaluated value.
      For example, a variable named 'foo' can be accessed as 'variables.foo'.
    - 'authorizer' - A CEL Authorizer. May be used to perform authorization checks for the principal (user
    or service account) of the request.
      See https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#Authz
    - 'authorizer.requestResource' - A CEL ResourceCheck constructed from the 'authorizer' and configured
    with the
      request resource.

    CEL expressions have access to [Kubernetes CEL function
    libraries](https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries)
    as well as:

    - 'jsonpatch.escapeKey' - Performs JSONPatch key escaping. '~' and  '/' are escaped as '~0' and `~1'
    respectively).

    Only property names of the form `[a-zA-Z_.-/][a-zA-Z0-9_.-/]*` are accessible. Required.
    """


class JobCondition(KubeModel):
    """JobCondition describes current state of a job."""

    last_probe_time: Time | None = None
    """Last time the condition was checked."""

    last_transition_time: Time | None = None
    """Last time the condition transit from one status to another."""

    message: str | None = None
    """Human readable message indicating details about last transition."""

    reason: str | None = None
    """(brief) reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of job condition, Complete or Failed."""


class KeyToPath(KubeModel):
    """Maps a string key to a path within a volume."""

    key: str
    """key is the key to project."""

    mode: int | None = None
    """mode is Optional: mode bits used to set permissions on this file. Must be an octal value between 0000
    and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON
    requires decimal values for mode bits. If not specified, the volume defaultMode will be used. This
    might be in conflict with other options that affect the file mode, like fsGroup, and the result can be
    other mode bits set.
    """

    path: str
    """path is the relative path of the file to map the key to. May not be an absolute path. May not contain
    the path element '..'. May not start with the string '..'.
    """


class LabelSelectorRequirement(KubeModel):
    """A label selector requirement is a selector that contains values, a key, and an operator that relates
    the key and values.
    """

    key: str
    """key is the label key that the selector applies to."""

    operator: str
    """operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists and
    DoesNotExist.
    """

    values: list[str] | None = None
    """values is an array of string values. If the operator is In or NotIn, the values array must be
    non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. This array is
    replaced during a strategic merge patch.
    """


class LeaseSpec(KubeModel):
    """LeaseSpec is a specification of a Lease."""

    acquire_time: MicroTime | None = None
    """acquireTime is a time when the current lease was acquired."""

    holder_identity: str | None = None
    """holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election
    is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.
    """

    lease_duration_seconds: int | None = None
    """leaseDurationSeconds is a duration that candidates for a lease need to wait to force acquire it. This
    is measured against the time of last observed renewTime.
    """

    lease_transitions: int | None = None
    """leaseTransitions is the number of transitions of a lease between holders."""

    preferred_holder: str | None = None
    """PreferredHolder signals to a lease holder that the lease has a more optimal holder and should be given
    up. This field can only be set if Strategy is also set.
    """

    renew_time: MicroTime | None = None
    """renewTime is a time when the current holder of a lease has last updated the lease."""

    strategy: str | None = None
    """Strategy indicates the strategy for picking the leader for coordinated leader election. If the field is
    not specified, there is no active coordination for this lease. (Alpha) Using this field requires the
    CoordinatedLeaderElection feature gate to be enabled.
    """


class LinuxContainerUser(KubeModel):
    """LinuxContainerUser represents user identity information in Linux containers"""

    gid: int
    """GID is the primary gid initially attached to the first process in the container"""

    supplemental_groups: list[int] | None = None
    """SupplementalGroups are the supplemental groups initially attached to the first process in the container"""

    uid: int
    """UID is the primary uid initially attached to the first process in the container"""


class LocalObjectReference(KubeModel):
    """LocalObjectReference contains enough information to let you locate the referenced object inside the
    same namespace.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """


class LocalVolumeSource(KubeModel):
    """Local represents directly-attached storage with node affinity"""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. It applies only when the Path is a block device. Must be a
    filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". The default value is
    to auto-select a filesystem if unspecified.
    """

    path: str
    """path of the full path to the volume on the node. It can be either a directory or block device (disk,
    partition, ...).
    """


class MatchCondition(KubeModel):
    """MatchCondition represents a condition which must by fulfilled for a request to be sent to a webhook."""

    expression: str
    """expression represents the expression which will be evaluated by CEL. Must evaluate to bool. CEL
    expressions have access to the contents of the AdmissionRequest and Authorizer, organized into CEL
    variables:

    'object' - The object from the incoming request. The value is null for DELETE requests. 'oldObject' -
    The existing object. The value is null for CREATE requests. 'request' - Attributes of the admission
    request(/pkg/apis/admission/types.go#AdmissionRequest). 'authorizer' - A CEL Authorizer. May be used to
    perform authorization checks for the principal (user or service account) of the request.
      See https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#Authz
    'authorizer.requestResource' - A CEL ResourceCheck constructed from the 'authorizer' and configured
    with the
      request resource.
    Documentation on CEL: https://kubernetes.io/docs/reference/using-api/cel/

    Required.
    """

    name: str
    """name is an identifier for this match condition, used for strategic merging of MatchConditions, as well
    as providing an identifier for logging purposes. A good name should be descriptive of the associated
    expression. Name must be a qualified name consisting of alphanumeric characters, '-', '_' or '.', and
    must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex
    used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain
    prefix and '/' (e.g. 'example.com/MyName')

    Required.
    """


class ModifyVolumeStatus(KubeModel):
    """ModifyVolumeStatus represents the status object of ControllerModifyVolume operation"""

    status: str
    """status is the status of the ControllerModifyVolume operation. It can be in any of following states:
     - Pending
       Pending indicates that the PersistentVolumeClaim cannot be modified due to unmet requirements, such
    as
       the specified VolumeAttributesClass not existing.
     - InProgress
       InProgress indicates that the volume is being modified.
     - Infeasible
      Infeasible indicates that the request has been rejected as invalid by the CSI driver. To
          resolve the error, a valid VolumeAttributesClass needs to be specified.
    Note: New statuses can be added in the future. Consumers should check for unknown statuses and fail
    appropriately.
    """

    target_volume_attributes_class_name: str | None = None
    """targetVolumeAttributesClassName is the name of the VolumeAttributesClass the PVC currently being
    reconciled
    """


class Mutation(KubeModel):
    """Mutation specifies the CEL expression which is used to apply the Mutation."""

    apply_configuration: ApplyConfiguration | None = None
    """applyConfiguration defines the desired configuration values of an object. The configuration is applied
    to the admission object using [structured merge
    diff](https://github.com/kubernetes-sigs/structured-merge-diff). A CEL expression is used to create
    apply configuration.
    """

    json_patch: JSONPatch | None = None
    """jsonPatch defines a [JSON patch](https://jsonpatch.com/) operation to perform a mutation to the object.
    A CEL expression is used to create the JSON patch.
    """

    patch_type: str
    """patchType indicates the patch strategy used. Allowed values are "ApplyConfiguration" and "JSONPatch".
    Required.
    """


class NFSVolumeSource(KubeModel):
    """Represents an NFS mount that lasts the lifetime of a pod. NFS volumes do not support ownership
    management or SELinux relabeling.
    """

    path: str
    """path that is exported by the NFS server. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """

    read_only: bool | None = None
    """readOnly here will force the NFS export to be mounted with read-only permissions. Defaults to false.
    More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """

    server: str
    """server is the hostname or IP address of the NFS server. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """


class NamedRuleWithOperations(KubeModel):
    """NamedRuleWithOperations is a tuple of Operations and Resources with ResourceNames."""

    api_groups: list[str] | None = None
    """apiGroups is the API groups the resources belong to. '*' is all groups. If '*' is present, the length
    of the slice must be one. Required.
    """

    api_versions: list[str] | None = None
    """apiVersions is the API versions the resources belong to. '*' is all versions. If '*' is present, the
    length of the slice must be one. Required.
    """

    operations: list[str] | None = None
    """operations is the operations the admission hook cares about - CREATE, UPDATE, DELETE, CONNECT or * for
    all of those operations and any future admission operations that are added. If '*' is present, the
    length of the slice must be one. Required.
    """

    resource_names: list[str] | None = None
    """resourceNames is an optional white list of names that the rule applies to.  An empty set means that
    everything is allowed.
    """

    resources: list[str] | None = None
    """resources is a list of resources this rule applies to.

    For example: 'pods' means pods. 'pods/log' means the log subresource of pods. '*' means all resources,
    but not subresources. 'pods/*' means all subresources of pods. '*/scale' means all scale subresources.
    '*/*' means all resources and their subresources.

    If wildcard is present, the validation rule will ensure resources do not overlap with each other.

    Depending on the enclosing object, subresources might not be allowed. Required.
    """

    scope: str | None = None
    """scope specifies the scope of this rule. Valid values are "Cluster", "Namespaced", and "*" "Cluster"
    means that only cluster-scoped resources will match this rule. Namespace API objects are
    cluster-scoped. "Namespaced" means that only namespaced resources will match this rule. "*" means that
    there are no scope restrictions. Subresources match the scope of their parent resource. Default is "*".
    """


class NamespaceCondition(KubeModel):
    """NamespaceCondition contains details about state of namespace."""

    last_transition_time: Time | None = None
    """Last time the condition transitioned from one status to another."""

    message: str | None = None
    """Human-readable message indicating details about last transition."""

    reason: str | None = None
    """Unique, one-word, CamelCase reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of namespace controller condition."""


class NamespaceSpec(KubeModel):
    """NamespaceSpec describes the attributes on a Namespace."""

    finalizers: list[str] | None = None
    """Finalizers is an opaque list of values that must be empty to permanently remove object from storage.
    More info: https://kubernetes.io/docs/tasks/administer-cluster/namespaces/
    """


class NamespaceStatus(KubeModel):
    """NamespaceStatus is information about the current status of a Namespace."""

    conditions: list[NamespaceCondition] | None = None
    """Represents the latest available observations of a namespace's current state."""

    phase: str | None = None
    """Phase is the current lifecycle phase of the namespace. More info:
    https://kubernetes.io/docs/tasks/administer-cluster/namespaces/
    """


class NodeAddress(KubeModel):
    """NodeAddress contains information for the node's address."""

    address: str
    """The node address."""

    type: str
    """Node address type, one of Hostname, ExternalIP or InternalIP."""


class NodeAllocatableResourceClaimStatus(KubeModel):
    """NodeAllocatableResourceClaimStatus describes the status of node allocatable resources allocated via
    DRA.
    """

    containers: list[str] | None = None
    """Containers lists the names of all containers in this pod that reference the claim."""

    resource_claim_name: str
    """ResourceClaimName is the resource claim referenced by the pod that resulted in this node allocatable
    resource allocation.
    """

    resources: dict[str, Quantity]
    """Resources is a map of the node-allocatable resource name to the aggregate quantity allocated to the
    claim.
    """


class NodeCondition(KubeModel):
    """NodeCondition contains condition information for a node."""

    last_heartbeat_time: Time | None = None
    """Last time we got an update on a given condition."""

    last_transition_time: Time | None = None
    """Last time the condition transit from one status to another."""

    message: str | None = None
    """Human readable message indicating details about last transition."""

    reason: str | None = None
    """(brief) reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of node condition."""


class NodeConfigSource(KubeModel):
    """NodeConfigSource specifies a source of node configuration. Exactly one subfield (excluding metadata)
    must be non-nil. This API is deprecated since 1.22
    """

    config_map: ConfigMapNodeConfigSource | None = None
    """ConfigMap is a reference to a Node's ConfigMap"""


class NodeConfigStatus(KubeModel):
    """NodeConfigStatus describes the status of the config assigned by Node.Spec.ConfigSource."""

    active: NodeConfigSource | None = None
    """Active reports the checkpointed config the node is actively using. Active will represent either the
    current version of the Assigned config, or the current LastKnownGood config, depending on whether
    attempting to use the Assigned config results in an error.
    """

    assigned: NodeConfigSource | None = None
    """Assigned reports the checkpointed config the node will try to use. When Node.Spec.ConfigSource is
    updated, the node checkpoints the associated config payload to local disk, along with a record
    indicating intended config. The node refers to this record to choose its config checkpoint, and reports
    this record in Assigned. Assigned only updates in the status after the record has been checkpointed to
    disk. When the Kubelet is restarted, it tries to make the Assigned config the Active config by loading
    and validating the checkpointed payload identified by Assigned.
    """

    error: str | None = None
    """Error describes any problems reconciling the Spec.ConfigSource to the Active config. Errors may occur,
    for example, attempting to checkpoint Spec.ConfigSource to the local Assigned record, attempting to
    checkpoint the payload associated with Spec.ConfigSource, attempting to load or validate the Assigned
    config, etc. Errors may occur at different points while syncing config. Earlier errors (e.g. download
    or checkpointing errors) will not result in a rollback to LastKnownGood, and may resolve across Kubelet
    retries. Later errors (e.g. loading or validating a checkpointed config) will result in a rollback to
    LastKnownGood. In the latter case, it is usually possible to resolve the error by fixing the config
    assigned in Spec.ConfigSource. You can find additional information for debugging by searching the error
    message in the Kubelet log. Error is a human-readable description of the error state; machines can
    check whether or not Error is empty, but should not rely on the stability of the Error text across
    Kubelet versions.
    """

    last_known_good: NodeConfigSource | None = None
    """LastKnownGood reports the checkpointed config the node will fall back to when it encounters an error
    attempting to use the Assigned config. The Assigned config becomes the LastKnownGood config when the
    node determines that the Assigned config is stable and correct. This is currently implemented as a
    10-minute soak period starting when the local record of Assigned config is updated. If the Assigned
    config is Active at the end of this period, it becomes the LastKnownGood. Note that if
    Spec.ConfigSource is reset to nil (use local defaults), the LastKnownGood is also immediately reset to
    nil, because the local default config is always assumed good. You should not make assumptions about the
    node's method of determining config stability and correctness, as this may change or become
    configurable in the future.
    """


class NodeDaemonEndpoints(KubeModel):
    """NodeDaemonEndpoints lists ports opened by daemons running on the Node."""

    kubelet_endpoint: DaemonEndpoint | None = None
    """Endpoint on which Kubelet is listening."""


class NodeFeatures(KubeModel):
    """NodeFeatures describes the set of features implemented by the CRI implementation. The features
    contained in the NodeFeatures should depend only on the cri implementation independent of runtime
    handlers.
    """

    supplemental_groups_policy: bool | None = None
    """SupplementalGroupsPolicy is set to true if the runtime supports SupplementalGroupsPolicy and
    ContainerUser.
    """


class NodeRuntimeHandlerFeatures(KubeModel):
    """NodeRuntimeHandlerFeatures is a set of features implemented by the runtime handler."""

    recursive_read_only_mounts: bool | None = None
    """RecursiveReadOnlyMounts is set to true if the runtime handler supports RecursiveReadOnlyMounts."""

    user_namespaces: bool | None = None
    """UserNamespaces is set to true if the runtime handler supports UserNamespaces, including for volumes."""


class NodeSelectorRequirement(KubeModel):
    """A node selector requirement is a selector that contains values, a key, and an operator that relates the
    key and values.
    """

    key: str
    """The label key that the selector applies to."""

    operator: str
    """Represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists,
    DoesNotExist. Gt, and Lt.
    """

    values: list[str] | None = None
    """An array of string values. If the operator is In or NotIn, the values array must be non-empty. If the
    operator is Exists or DoesNotExist, the values array must be empty. If the operator is Gt or Lt, the
    values array must have a single element, which will be interpreted as an integer. This array is
    replaced during a strategic merge patch.
    """


class NodeSelectorTerm(KubeModel):
    """A null or empty node selector term matches no objects. The requirements of them are ANDed. The
    TopologySelectorTerm type implements a subset of the NodeSelectorTerm.
    """

    match_expressions: list[NodeSelectorRequirement] | None = None
    """A list of node selector requirements by node's labels."""

    match_fields: list[NodeSelectorRequirement] | None = None
    """A list of node selector requirements by node's fields."""


class NodeSwapStatus(KubeModel):
    """NodeSwapStatus represents swap memory information."""

    capacity: int | None = None
    """Total amount of swap memory in bytes."""


class NodeSystemInfo(KubeModel):
    """NodeSystemInfo is a set of ids/uuids to uniquely identify the node."""

    architecture: str
    """The Architecture reported by the node"""

    boot_id: Annotated[str, Field(alias="bootID")]
    """Boot ID reported by the node."""

    container_runtime_version: str
    """ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2)."""

    kernel_version: str
    """Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64)."""

    kube_proxy_version: str
    """Deprecated: KubeProxy Version reported by the node."""

    kubelet_version: str
    """Kubelet Version reported by the node."""

    machine_id: Annotated[str, Field(alias="machineID")]
    """MachineID reported by the node. For unique machine identification in the cluster this field is
    preferred. Learn more from man(5) machine-id: http://man7.org/linux/man-pages/man5/machine-id.5.html
    """

    operating_system: str
    """The Operating System reported by the node"""

    os_image: str
    """OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy))."""

    swap: NodeSwapStatus | None = None
    """Swap Info reported by the node."""

    system_uuid: Annotated[str, Field(alias="systemUUID")]
    """SystemUUID reported by the node. For unique machine identification MachineID is preferred. This field
    is specific to Red Hat hosts
    https://access.redhat.com/documentation/en-us/red_hat_subscription_management/1/html/rhsm/uuid
    """


class ObjectFieldSelector(KubeModel):
    """ObjectFieldSelector selects an APIVersioned field of an object."""

    api_version: str | None = None
    """Version of the schema the FieldPath is written in terms of, defaults to "v1"."""

    field_path: str
    """Path of the field to select in the specified API version."""


class ObjectReference(KubeModel):
    """ObjectReference contains enough information to let you inspect or modify the referred object."""

    api_version: str | None = None
    """API version of the referent."""

    field_path: str | None = None
    """If referring to a piece of an object instead of an entire object, this string should contain a valid
    JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object
    reference is to a container within a pod, this would take on a value like: "spec.containers{name}"
    (where "name" refers to the name of the container that triggered the event) or if no container name is
    specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have
    some well-defined way of referencing a part of an object.
    """

    kind: str | None = None
    """Kind of the referent. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
    """

    name: str | None = None
    """Name of the referent. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    namespace: str | None = None
    """Namespace of the referent. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """

    resource_version: str | None = None
    """Specific resourceVersion to which this reference is made, if any. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency
    """

    uid: str | None = None
    """UID of the referent. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids
    """


class ParamKind(KubeModel):
    """ParamKind is a tuple of Group Kind and Version."""

    api_version: str | None = None
    """apiVersion is the API group version the resources belong to. In format of "group/version". Required."""

    kind: str | None = None
    """kind is the API kind the resources belong to. Required."""


class PersistentVolumeClaimCondition(KubeModel):
    """PersistentVolumeClaimCondition contains details about state of pvc"""

    last_probe_time: Time | None = None
    """lastProbeTime is the time we probed the condition."""

    last_transition_time: Time | None = None
    """lastTransitionTime is the time the condition transitioned from one status to another."""

    message: str | None = None
    """message is the human-readable message indicating details about last transition."""

    reason: str | None = None
    """reason is a unique, this should be a short, machine understandable string that gives the reason for
    condition's last transition. If it reports "Resizing" that means the underlying persistent volume is
    being resized.
    """

    status: str
    """Status is the status of the condition. Can be True, False, Unknown. More info:
    https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#:~:text=state%20of%20pvc-,conditions.status,-(string)%2C%20required
    """

    type: str
    """Type is the type of the condition. More info:
    https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#:~:text=set%20to%20%27ResizeStarted%27.-,PersistentVolumeClaimCondition,-contains%20details%20about
    """


class PersistentVolumeClaimStatus(KubeModel):
    """PersistentVolumeClaimStatus is the current status of a persistent volume claim."""

    access_modes: list[str] | None = None
    """accessModes contains the actual access modes the volume backing the PVC has. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1
    """

    allocated_resource_statuses: dict[str, str] | None = None
    """allocatedResourceStatuses stores status of resource being resized for the given PVC. Key names follow
    standard Kubernetes label syntax. Valid values are either:
        * Un-prefixed keys:
            - storage - the capacity of the volume.
        * Custom resources must use implementation-defined prefixed names such as
    "example.com/my-custom-resource"
    Apart from above values - keys that are unprefixed or have kubernetes.io prefix are considered reserved
    and hence may not be used.

    ClaimResourceStatus can be in any of following states:
        - ControllerResizeInProgress:
            State set when resize controller starts resizing the volume in control-plane.
        - ControllerResizeFailed:
            State set when resize has failed in resize controller with a terminal error.
        - NodeResizePending:
            State set when resize controller has finished resizing the volume but further resizing of
            volume is needed on the node.
        - NodeResizeInProgress:
            State set when kubelet starts resizing the volume.
        - NodeResizeFailed:
            State set when resizing has failed in kubelet with a terminal error. Transient errors don't set
            NodeResizeFailed.
    For example: if expanding a PVC for more capacity - this field can be one of the following states:
        - pvc.status.allocatedResourceStatus['storage'] = "ControllerResizeInProgress"
         - pvc.status.allocatedResourceStatus['storage'] = "ControllerResizeFailed"
         - pvc.status.allocatedResourceStatus['storage'] = "NodeResizePending"
         - pvc.status.allocatedResourceStatus['storage'] = "NodeResizeInProgress"
         - pvc.status.allocatedResourceStatus['storage'] = "NodeResizeFailed"
    When this field is not set, it means that no resize operation is in progress for the given PVC.

    A controller that receives PVC update with previously unknown resourceName or ClaimResourceStatus
    should ignore the update for the purpose it was designed. For example - a controller that only is
    responsible for resizing capacity of the volume, should ignore PVC updates that change other valid
    resources associated with PVC.
    """

    allocated_resources: dict[str, Quantity] | None = None
    """allocatedResources tracks the resources allocated to a PVC including its capacity. Key names follow
    standard Kubernetes label syntax. Valid values are either:
        * Un-prefixed keys:
            - storage - the capacity of the volume.
        * Custom resources must use implementation-defined prefixed names such as
    "example.com/my-custom-resource"
    Apart from above values - keys that are unprefixed or have kubernetes.io prefix are considered reserved
    and hence may not be used.

    Capacity reported here may be larger than the actual capacity when a volume expansion operation is
    requested. For storage quota, the larger value from allocatedResources and PVC.spec.resources is used.
    If allocatedResources is not set, PVC.spec.resources alone is used for quota calculation. If a volume
    expansion capacity request is lowered, allocatedResources is only lowered if there are no expansion
    operations in progress and if the actual volume capacity is equal or lower than the requested capacity.

    A controller that receives PVC update with previously unknown resourceName should ignore the update for
    the purpose it was designed. For example - a controller that only is responsible for resizing capacity
    of the volume, should ignore PVC updates that change other valid resources associated with PVC.
    """

    capacity: dict[str, Quantity] | None = None
    """capacity represents the actual resources of the underlying volume."""

    conditions: list[PersistentVolumeClaimCondition] | None = None
    """conditions is the current Condition of persistent volume claim. If underlying persistent volume is
    being resized then the Condition will be set to 'Resizing'.
    """

    current_volume_attributes_class_name: str | None = None
    """currentVolumeAttributesClassName is the current name of the VolumeAttributesClass the PVC is using.
    When unset, there is no VolumeAttributeClass applied to this PersistentVolumeClaim
    """

    modify_volume_status: ModifyVolumeStatus | None = None
    """ModifyVolumeStatus represents the status object of ControllerModifyVolume operation. When this is
    unset, there is no ModifyVolume operation being attempted.
    """

    phase: str | None = None
    """phase represents the current phase of PersistentVolumeClaim."""


class PersistentVolumeClaimVolumeSource(KubeModel):
    """PersistentVolumeClaimVolumeSource references the user's PVC in the same namespace. This volume finds
    the bound PV and mounts that volume for the pod. A PersistentVolumeClaimVolumeSource is, essentially, a
    wrapper around another type of volume that is owned by someone else (the system).
    """

    claim_name: str
    """claimName is the name of a PersistentVolumeClaim in the same namespace as the pod using this volume.
    More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
    """

    read_only: bool | None = None
    """readOnly Will force the ReadOnly setting in VolumeMounts. Default false."""


class PersistentVolumeStatus(KubeModel):
    """PersistentVolumeStatus is the current status of a persistent volume."""

    last_phase_transition_time: Time | None = None
    """lastPhaseTransitionTime is the time the phase transitioned from one to another and automatically resets
    to current time everytime a volume phase transitions.
    """

    message: str | None = None
    """message is a human-readable message indicating details about why the volume is in this state."""

    phase: str | None = None
    """phase indicates if a volume is available, bound to a claim, or released by a claim. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase
    """

    reason: str | None = None
    """reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy
    display in the CLI.
    """


class PhotonPersistentDiskVolumeSource(KubeModel):
    """Represents a Photon Controller persistent disk resource."""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    pd_id: Annotated[str, Field(alias="pdID")]
    """pdID is the ID that identifies Photon Controller persistent disk"""


class PodCertificateProjection(KubeModel):
    """PodCertificateProjection provides a private key and X.509 certificate in the pod filesystem."""

    certificate_chain_path: str | None = None
    """Write the certificate chain at this path in the projected volume.

    Most applications should use credentialBundlePath.  When using keyPath and certificateChainPath, your
    application needs to check that the key and leaf certificate are consistent, because it is possible to
    read the files mid-rotation.
    """

    credential_bundle_path: str | None = None
    """Write the credential bundle at this path in the projected volume.

    The credential bundle is a single file that contains multiple PEM blocks. The first PEM block is a
    PRIVATE KEY block, containing a PKCS#8 private key.

    The remaining blocks are CERTIFICATE blocks, containing the issued certificate chain from the signer
    (leaf and any intermediates).

    Using credentialBundlePath lets your Pod's application code make a single atomic read that retrieves a
    consistent key and certificate chain.  If you project them to separate files, your application code
    will need to additionally check that the leaf certificate was issued to the key.
    """

    key_path: str | None = None
    """Write the key at this path in the projected volume.

    Most applications should use credentialBundlePath.  When using keyPath and certificateChainPath, your
    application needs to check that the key and leaf certificate are consistent, because it is possible to
    read the files mid-rotation.
    """

    key_type: str
    """The type of keypair Kubelet will generate for the pod.

    Valid values are "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", and "ED25519".
    """

    max_expiration_seconds: int | None = None
    """maxExpirationSeconds is the maximum lifetime permitted for the certificate.

    Kubelet copies this value verbatim into the PodCertificateRequests it generates for this projection.

    If omitted, kube-apiserver will set it to 86400(24 hours). kube-apiserver will reject values shorter
    than 3600 (1 hour).  The maximum allowable value is 7862400 (91 days).

    The signer implementation is then free to issue a certificate with any lifetime *shorter* than
    MaxExpirationSeconds, but no shorter than 3600 seconds (1 hour).  This constraint is enforced by
    kube-apiserver. `kubernetes.io` signers will never issue certificates with a lifetime longer than 24
    hours.
    """

    signer_name: str
    """Kubelet's generated CSRs will be addressed to this signer."""

    user_annotations: dict[str, str] | None = None
    """userAnnotations allow pod authors to pass additional information to the signer implementation.
    Kubernetes does not restrict or validate this metadata in any way.

    These values are copied verbatim into the `spec.unverifiedUserAnnotations` field of the
    PodCertificateRequest objects that Kubelet creates.

    Entries are subject to the same validation as object metadata annotations, with the addition that all
    keys must be domain-prefixed. No restrictions are placed on values, except an overall size limitation
    on the entire field.

    Signers should document the keys and values they support. Signers should deny requests that contain
    keys they do not recognize.
    """


class PodCondition(KubeModel):
    """PodCondition contains details for the current condition of this pod."""

    last_probe_time: Time | None = None
    """Last time we probed the condition."""

    last_transition_time: Time | None = None
    """Last time the condition transitioned from one status to another."""

    message: str | None = None
    """Human-readable message indicating details about last transition."""

    observed_generation: int | None = None
    """If set, this represents the .metadata.generation that the pod condition was set based upon."""

    reason: str | None = None
    """Unique, one-word, CamelCase reason for the condition's last transition."""

    status: str
    """Status is the status of the condition. Can be True, False, Unknown. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
    """

    type: str
    """Type is the type of the condition. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
    """


class PodDNSConfigOption(KubeModel):
    """PodDNSConfigOption defines DNS resolver options of a pod."""

    name: str | None = None
    """Name is this DNS resolver option's name. Required."""

    value: str | None = None
    """Value is this DNS resolver option's value."""


class PodExtendedResourceClaimStatus(KubeModel):
    """PodExtendedResourceClaimStatus is stored in the PodStatus for the extended resource requests backed by
    DRA. It stores the generated name for the corresponding special ResourceClaim created by the scheduler.
    """

    request_mappings: list[ContainerExtendedResourceRequest]
    """RequestMappings identifies the mapping of <container, extended resource backed by DRA> to  device
    request in the generated ResourceClaim.
    """

    resource_claim_name: str
    """ResourceClaimName is the name of the ResourceClaim that was generated for the Pod in the namespace of
    the Pod.
    """


class PodFailurePolicyOnExitCodesRequirement(KubeModel):
    """PodFailurePolicyOnExitCodesRequirement describes the requirement for handling a failed pod based on its
    container exit codes. In particular, it lookups the .state.terminated.exitCode for each app container
    and init container status, represented by the .status.containerStatuses and
    .status.initContainerStatuses fields in the Pod status, respectively. Containers completed with success
    (exit code 0) are excluded from the requirement check.
    """

    container_name: str | None = None
    """Restricts the check for exit codes to the container with the specified name. When null, the rule
    applies to all containers. When specified, it should match one the container or initContainer names in
    the pod template.
    """

    operator: str
    """Represents the relationship between the container exit code(s) and the specified values. Containers
    completed with success (exit code 0) are excluded from the requirement check. Possible values are:

    - In: the requirement is satisfied if at least one container exit code
      (might be multiple if there are multiple containers not restricted
      by the 'containerName' field) is in the set of specified values.
    - NotIn: the requirement is satisfied if at least one container exit code
      (might be multiple if there are multiple containers not restricted
      by the 'containerName' field) is not in the set of specified values.
    Additional values are considered to be added in the future. Clients should react to an unknown operator
    by assuming the requirement is not satisfied.
    """

    values: list[int]
    """Specifies the set of values. Each returned container exit code (might be multiple in case of multiple
    containers) is checked against this set of values with respect to the operator. The list of values must
    be ordered and must not contain duplicates. Value '0' cannot be used for the In operator. At least one
    element is required. At most 255 elements are allowed.
    """


class PodFailurePolicyOnPodConditionsPattern(KubeModel):
    """PodFailurePolicyOnPodConditionsPattern describes a pattern for matching an actual pod condition type."""

    status: str | None = None
    """Specifies the required Pod condition status. To match a pod condition it is required that the specified
    status equals the pod condition status. Defaults to True.
    """

    type: str
    """Specifies the required Pod condition type. To match a pod condition it is required that specified type
    equals the pod condition type.
    """


class PodFailurePolicyRule(KubeModel):
    """PodFailurePolicyRule describes how a pod failure is handled when the requirements are met. One of
    onExitCodes and onPodConditions, but not both, can be used in each rule.
    """

    action: str
    """Specifies the action taken on a pod failure when the requirements are satisfied. Possible values are:

    - FailJob: indicates that the pod's job is marked as Failed and all
      running pods are terminated.
    - FailIndex: indicates that the pod's index is marked as Failed and will
      not be restarted.
    - Ignore: indicates that the counter towards the .backoffLimit is not
      incremented and a replacement pod is created.
    - Count: indicates that the pod is handled in the default way - the
      counter towards the .backoffLimit is incremented.
    Additional values are considered to be added in the future. Clients should react to an unknown action
    by skipping the rule.
    """

    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = None
    """Represents the requirement on the container exit codes."""

    on_pod_conditions: list[PodFailurePolicyOnPodConditionsPattern] | None = None
    """Represents the requirement on the pod conditions. The requirement is represented as a list of pod
    condition patterns. The requirement is satisfied if at least one pattern matches an actual pod
    condition. At most 20 elements are allowed.
    """


class PodIP(KubeModel):
    """PodIP represents a single IP address allocated to the pod."""

    ip: str
    """IP is the IP address assigned to the pod"""


class PodOS(KubeModel):
    """PodOS defines the OS parameters of a pod."""

    name: str
    """Name is the name of the operating system. The currently supported values are linux and windows.
    Additional value may be defined in future and can be one of:
    https://github.com/opencontainers/runtime-spec/blob/master/config.md#platform-specific-configuration
    Clients should expect to handle additional values and treat unrecognized values in this field as os:
    null
    """


class PodReadinessGate(KubeModel):
    """PodReadinessGate contains the reference to a pod condition"""

    condition_type: str
    """ConditionType refers to a condition in the pod's condition list with matching type."""


class PodResourceClaim(KubeModel):
    """PodResourceClaim references exactly one ResourceClaim, either directly or by naming a
    ResourceClaimTemplate which is then turned into a ResourceClaim for the pod.

    It adds a name to it that uniquely identifies the ResourceClaim inside the Pod. Containers that need
    access to the ResourceClaim reference it with this name.

    When the DRAWorkloadResourceClaims feature gate is enabled and this Pod belongs to a PodGroup, a
    PodResourceClaim is matched to a PodGroupResourceClaim if all of their fields are equal (Name,
    ResourceClaimName, and ResourceClaimTemplateName). A matched claim references a single ResourceClaim
    shared across all Pods in the PodGroup, reserved for the PodGroup in ResourceClaimStatus.ReservedFor
    rather than for individual Pods.
    """

    name: str
    """Name uniquely identifies this resource claim inside the pod. This must be a DNS_LABEL."""

    resource_claim_name: str | None = None
    """ResourceClaimName is the name of a ResourceClaim object in the same namespace as this pod.

    Exactly one of ResourceClaimName and ResourceClaimTemplateName must be set.
    """

    resource_claim_template_name: str | None = None
    """ResourceClaimTemplateName is the name of a ResourceClaimTemplate object in the same namespace as this
    pod.

    The template will be used to create a new ResourceClaim, which will be bound to this pod. When this pod
    is deleted, the ResourceClaim will also be deleted. The pod name and resource name, along with a
    generated component, will be used to form a unique name for the ResourceClaim, which will be recorded
    in pod.status.resourceClaimStatuses.

    When the DRAWorkloadResourceClaims feature gate is enabled and the pod belongs to a PodGroup that
    defines a PodGroupResourceClaim with the same Name and ResourceClaimTemplateName, this PodResourceClaim
    resolves to the ResourceClaim generated for the PodGroup. All pods in the group that define an
    equivalent PodResourceClaim matching the PodGroupResourceClaim's Name and ResourceClaimTemplateName
    share the same generated ResourceClaim. ResourceClaims generated for a PodGroup are owned by the
    PodGroup and their lifecycles are tied to the PodGroup instead of any individual pod.

    This field is immutable and no changes will be made to the corresponding ResourceClaim by the control
    plane after creating the ResourceClaim.

    Exactly one of ResourceClaimName and ResourceClaimTemplateName must be set.
    """


class PodResourceClaimStatus(KubeModel):
    """PodResourceClaimStatus is stored in the PodStatus for each PodResourceClaim which references a
    ResourceClaimTemplate. It stores the generated name for the corresponding ResourceClaim.
    """

    name: str
    """Name uniquely identifies this resource claim inside the pod. This must match the name of an entry in
    pod.spec.resourceClaims, which implies that the string must be a DNS_LABEL.
    """

    resource_claim_name: str | None = None
    """ResourceClaimName is the name of the ResourceClaim that was generated for the Pod in the namespace of
    the Pod.

    When the DRAWorkloadResourceClaims feature is enabled and the corresponding PodResourceClaim matches a
    PodGroupResourceClaim made by the Pod's PodGroup, then this is the name of the ResourceClaim generated
    and reserved for the PodGroup.

    If this is unset, then generating a ResourceClaim was not necessary. The pod.spec.resourceClaims entry
    can be ignored in this case.
    """


class PodSchedulingGate(KubeModel):
    """PodSchedulingGate is associated to a Pod to guard its scheduling."""

    name: str
    """Name of the scheduling gate. Each scheduling gate must have a unique name field."""


class PodSchedulingGroup(KubeModel):
    """PodSchedulingGroup identifies the runtime scheduling group instance that a Pod belongs to. The
    scheduler uses this information to apply workload-aware scheduling semantics. Exactly one field must be
    specified.
    """

    pod_group_name: str | None = None
    """PodGroupName specifies the name of the standalone PodGroup object that represents the runtime instance
    of this group. Must be a DNS subdomain.
    """


class PolicyRule(KubeModel):
    """PolicyRule holds information that describes a policy rule, but does not contain information about who
    the rule applies to or which namespace the rule applies to.
    """

    api_groups: list[str] | None = None
    """APIGroups is the name of the APIGroup that contains the resources.  If multiple API groups are
    specified, any action requested against one of the enumerated resources in any API group will be
    allowed. "" represents the core API group and "*" represents all API groups.
    """

    non_resource_ur_ls: Annotated[list[str] | None, Field(alias="nonResourceURLs")] = None
    """NonResourceURLs is a set of partial urls that a user should have access to.  *s are allowed, but only
    as the full, final step in the path Since non-resource URLs are not namespaced, this field is only
    applicable for ClusterRoles referenced from a ClusterRoleBinding. Rules can either apply to API
    resources (such as "pods" or "secrets") or non-resource URL paths (such as "/api"),  but not both.
    """

    resource_names: list[str] | None = None
    """ResourceNames is an optional white list of names that the rule applies to.  An empty set means that
    everything is allowed.
    """

    resources: list[str] | None = None
    """Resources is a list of resources this rule applies to. '*' represents all resources."""

    verbs: list[str]
    """Verbs is a list of Verbs that apply to ALL the ResourceKinds contained in this rule. '*' represents all
    verbs.
    """


class PortStatus(KubeModel):
    """PortStatus represents the error condition of a service port"""

    error: str | None = None
    """Error is to record the problem with the service port The format of the error shall comply with the
    following rules: - built-in error values shall be specified in this file and those shall use
      CamelCase names
    - cloud provider specific error values must have names that comply with the
      format foo.example.com/CamelCase.
    """

    port: int
    """Port is the port number of the service port of which status is recorded here"""

    protocol: str
    """Protocol is the protocol of the service port of which status is recorded here The supported values are:
    "TCP", "UDP", "SCTP"
    """


class PortworxVolumeSource(KubeModel):
    """PortworxVolumeSource represents a Portworx volume resource."""

    fs_type: str | None = None
    """fSType represents the filesystem type to mount Must be a filesystem type supported by the host
    operating system. Ex. "ext4", "xfs". Implicitly inferred to be "ext4" if unspecified.
    """

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    volume_id: Annotated[str, Field(alias="volumeID")]
    """volumeID uniquely identifies a Portworx volume"""


class PreferredSchedulingTerm(KubeModel):
    """An empty preferred scheduling term matches all objects with implicit weight 0 (i.e. it's a no-op). A
    null preferred scheduling term matches no objects (i.e. is also a no-op).
    """

    preference: NodeSelectorTerm
    """A node selector term, associated with the corresponding weight."""

    weight: int
    """Weight associated with matching the corresponding nodeSelectorTerm, in the range 1-100."""


class QuobyteVolumeSource(KubeModel):
    """Represents a Quobyte mount that lasts the lifetime of a pod. Quobyte volumes do not support ownership
    management or SELinux relabeling.
    """

    group: str | None = None
    """group to map volume access to Default is no group"""

    read_only: bool | None = None
    """readOnly here will force the Quobyte volume to be mounted with read-only permissions. Defaults to
    false.
    """

    registry: str
    """registry represents a single or multiple Quobyte Registry services specified as a string as host:port
    pair (multiple entries are separated with commas) which acts as the central registry for volumes
    """

    tenant: str | None = None
    """tenant owning the given Quobyte volume in the Backend Used with dynamically provisioned Quobyte
    volumes, value is set by the plugin
    """

    user: str | None = None
    """user to map volume access to Defaults to serivceaccount user"""

    volume: str
    """volume is a string that references an already created Quobyte volume by name."""


class RBDVolumeSource(KubeModel):
    """Represents a Rados Block Device mount that lasts the lifetime of a pod. RBD volumes support ownership
    management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem
    type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to
    be "ext4" if unspecified. More info: https://kubernetes.io/docs/concepts/storage/volumes#rbd
    """

    image: str
    """image is the rados image name. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it"""

    keyring: str | None = None
    """keyring is the path to key ring for RBDUser. Default is /etc/ceph/keyring. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    monitors: list[str]
    """monitors is a collection of Ceph monitors. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    pool: str | None = None
    """pool is the rados pool name. Default is rbd. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    read_only: bool | None = None
    """readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    secret_ref: LocalObjectReference | None = None
    """secretRef is name of the authentication secret for RBDUser. If provided overrides keyring. Default is
    nil. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    user: str | None = None
    """user is the rados user name. Default is admin. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """


class ResourceClaim(KubeModel):
    """ResourceClaim references one entry in PodSpec.ResourceClaims."""

    name: str
    """Name must match the name of one entry in pod.spec.resourceClaims of the Pod where this field is used.
    It makes that resource available inside a container.
    """

    request: str | None = None
    """Request is the name chosen for a request in the referenced claim. If empty, everything from the claim
    is made available, otherwise only the result of this request.
    """


class ResourceFieldSelector(KubeModel):
    """ResourceFieldSelector represents container resources (cpu, memory) and their output format"""

    container_name: str | None = None
    """Container name: required for volumes, optional for env vars"""

    divisor: Quantity | None = None
    """Specifies the output format of the exposed resources, defaults to "1"
    """

    resource: str
    """Required: resource to select"""


class ResourceHealth(KubeModel):
    """ResourceHealth represents the health of a resource. It has the latest device health information. This
    is a part of KEP https://kep.k8s.io/4680.
    """

    health: str | None = None
    """Health of the resource. can be one of:
     - Healthy: operates as normal
     - Unhealthy: reported unhealthy. We consider this a temporary health issue
                  since we do not have a mechanism today to distinguish
                  temporary and permanent issues.
     - Unknown: The status cannot be determined.
                For example, Device Plugin got unregistered and hasn't been re-registered since.

    In future we may want to introduce the PermanentlyUnhealthy Status.
    """

    message: str | None = None
    """Message provides human-readable context for Health (e.g. "ECC error count exceeded threshold"). This
    field is populated by the kubelet when ResourceHealthStatusMessage is enabled if the DRA plugin returns
    a message, and is null otherwise.
    """

    resource_id: Annotated[str, Field(alias="resourceID")]
    """ResourceID is the unique identifier of the resource. See the ResourceID type for more information."""


class ResourceRequirements(KubeModel):
    """ResourceRequirements describes the compute resource requirements."""

    claims: list[ResourceClaim] | None = None
    """Claims lists the names of resources, defined in spec.resourceClaims, that are used by this container.

    This field depends on the DynamicResourceAllocation feature gate.

    This field is immutable. It can only be set for containers.
    """

    limits: dict[str, Quantity] | None = None
    """Limits describes the maximum amount of compute resources allowed. More info:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """

    requests: dict[str, Quantity] | None = None
    """Requests describes the minimum amount of compute resources required. If Requests is omitted for a
    container, it defaults to Limits if that is explicitly specified, otherwise to an
    implementation-defined value. Requests cannot exceed Limits. More info:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """


class ResourceStatus(KubeModel):
    """ResourceStatus represents the status of a single resource allocated to a Pod."""

    name: str
    """Name of the resource. Must be unique within the pod and in case of non-DRA resource, match one of the
    resources from the pod spec. For DRA resources, the value must be "claim:<claim_name>/<request>". When
    this status is reported about a container, the "claim_name" and "request" must match one of the claims
    of this container.
    """

    resources: list[ResourceHealth] | None = None
    """List of unique resources health. Each element in the list contains an unique resource ID and its
    health. At a minimum, for the lifetime of a Pod, resource ID must uniquely identify the resource
    allocated to the Pod on the Node. If other Pod on the same Node reports the status with the same
    resource ID, it must be the same resource they share. See ResourceID type definition for a specific
    format it has in various use cases.
    """


class Role(KubeObject):
    """Role is a namespaced, logical grouping of PolicyRules that can be referenced as a unit by a
    RoleBinding.
    """

    resource: ClassVar[Resource] = Resource(
        "rbac.authorization.k8s.io", "v1", "Role", "roles", namespaced=True
    )

    api_version: Literal["rbac.authorization.k8s.io/v1"] = "rbac.authorization.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["Role"] = "Role"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    rules: list[PolicyRule] | None = None
    """Rules holds all the PolicyRules for this Role"""


class RoleRef(KubeModel):
    """RoleRef contains information that points to the role being used"""

    api_group: str | None = None
    """APIGroup is the group for the resource being referenced"""

    kind: str
    """Kind is the type of resource being referenced"""

    name: str
    """Name is the name of resource being referenced"""


class RollingUpdateDaemonSet(KubeModel):
    """Spec to control the desired behavior of daemon set rolling update."""

    max_surge: IntOrString | None = None
    """The maximum number of nodes with an existing available DaemonSet pod that can have an updated DaemonSet
    pod during during an update. Value can be an absolute number (ex: 5) or a percentage of desired pods
    (ex: 10%). This can not be 0 if MaxUnavailable is 0. Absolute number is calculated from percentage by
    rounding up to a minimum of 1. Default value is 0. Example: when this is set to 30%, at most 30% of the
    total number of nodes that should be running the daemon pod (i.e. status.desiredNumberScheduled) can
    have their a new pod created before the old pod is marked as deleted. The update starts by launching
    new pods on 30% of nodes. Once an updated pod is available (Ready for at least minReadySeconds) the old
    DaemonSet pod on that node is marked deleted. If the old pod becomes unavailable for any reason (Ready
    transitions to false, is evicted, or is drained) an updated pod is immediately created on that node
    without considering surge limits. Allowing surge implies the possibility that the resources consumed by
    the daemonset on any given node can double if the readiness check fails, and so resource intensive
    daemonsets should take into account that they may cause evictions during disruption.
    """

    max_unavailable: IntOrString | None = None
    """The maximum number of DaemonSet pods that can be unavailable during the update. Value can be an
    absolute number (ex: 5) or a percentage of total number of DaemonSet pods at the start of the update
    (ex: 10%). Absolute number is calculated from percentage by rounding up. This cannot be 0 if MaxSurge
    is 0 Default value is 1. Example: when this is set to 30%, at most 30% of the total number of nodes
    that should be running the daemon pod (i.e. status.desiredNumberScheduled) can have their pods stopped
    for an update at any given time. The update starts by stopping at most 30% of those DaemonSet pods and
    then brings up new DaemonSet pods in their place. Once the new pods are available, it then proceeds
    onto other DaemonSet pods, thus ensuring that at least 70% of original number of DaemonSet pods are
    available at all times during the update.
    """


class RollingUpdateDeployment(KubeModel):
    """Spec to control the desired behavior of rolling update."""

    max_surge: IntOrString | None = None
    """The maximum number of pods that can be scheduled above the desired number of pods. Value can be an
    absolute number (ex: 5) or a percentage of desired pods (ex: 10%). This can not be 0 if MaxUnavailable
    is 0. Absolute number is calculated from percentage by rounding up. Defaults to 25%. Example: when this
    is set to 30%, the new ReplicaSet can be scaled up immediately when the rolling update starts, such
    that the total number of old and new pods do not exceed 130% of desired pods. Once old pods have been
    killed, new ReplicaSet can be scaled up further, ensuring that total number of pods running at any time
    during the update is at most 130% of desired pods.
    """

    max_unavailable: IntOrString | None = None
    """The maximum number of pods that can be unavailable during the update. Value can be an absolute number
    (ex: 5) or a percentage of desired pods (ex: 10%). Absolute number is calculated from percentage by
    rounding down. This can not be 0 if MaxSurge is 0. Defaults to 25%. Example: when this is set to 30%,
    the old ReplicaSet can be scaled down to 70% of desired pods immediately when the rolling update
    starts. Once new pods are ready, old ReplicaSet can be scaled down further, followed by scaling up the
    new ReplicaSet, ensuring that the total number of pods available at all times during the update is at
    least 70% of desired pods.
    """


class RollingUpdateStatefulSetStrategy(KubeModel):
    """RollingUpdateStatefulSetStrategy is used to communicate parameter for
    RollingUpdateStatefulSetStrategyType.
    """

    max_unavailable: IntOrString | None = None
    """The maximum number of pods that can be unavailable during the update. Value can be an absolute number
    (ex: 5) or a percentage of desired pods (ex: 10%). Absolute number is calculated from percentage by
    rounding up. This can not be 0. Defaults to 1. This field is beta-level and is enabled by default. The
    field applies to all pods in the range 0 to Replicas-1. That means if there is any unavailable pod in
    the range 0 to Replicas-1, it will be counted towards MaxUnavailable. This setting might not be
    effective for the OrderedReady podManagementPolicy. That policy ensures pods are created and become
    ready one at a time.
    """

    partition: int | None = None
    """Partition indicates the ordinal at which the StatefulSet should be partitioned for updates. During a
    rolling update, all pods from ordinal Replicas-1 to Partition are updated. All pods from ordinal
    Partition-1 to 0 remain untouched. This is helpful in being able to do a canary based deployment. The
    default value is 0.
    """


class SELinuxOptions(KubeModel):
    """SELinuxOptions are the labels to be applied to the container"""

    level: str | None = None
    """Level is SELinux level label that applies to the container."""

    role: str | None = None
    """Role is a SELinux role label that applies to the container."""

    type: str | None = None
    """Type is a SELinux type label that applies to the container."""

    user: str | None = None
    """User is a SELinux user label that applies to the container."""


class ScaleIOVolumeSource(KubeModel):
    """ScaleIOVolumeSource represents a persistent ScaleIO volume"""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Default is "xfs".
    """

    gateway: str
    """gateway is the host address of the ScaleIO API Gateway."""

    protection_domain: str | None = None
    """protectionDomain is the name of the ScaleIO Protection Domain for the configured storage."""

    read_only: bool | None = None
    """readOnly Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_ref: LocalObjectReference
    """secretRef references to the secret for ScaleIO user and other sensitive information. If this is not
    provided, Login operation will fail.
    """

    ssl_enabled: bool | None = None
    """sslEnabled Flag enable/disable SSL communication with Gateway, default false"""

    storage_mode: str | None = None
    """storageMode indicates whether the storage for a volume should be ThickProvisioned or ThinProvisioned.
    Default is ThinProvisioned.
    """

    storage_pool: str | None = None
    """storagePool is the ScaleIO Storage Pool associated with the protection domain."""

    system: str
    """system is the name of the storage system as configured in ScaleIO."""

    volume_name: str | None = None
    """volumeName is the name of a volume already created in the ScaleIO system that is associated with this
    volume source.
    """


class SeccompProfile(KubeModel):
    """SeccompProfile defines a pod/container's seccomp profile settings. Only one profile source may be set."""

    localhost_profile: str | None = None
    """localhostProfile indicates a profile defined in a file on the node should be used. The profile must be
    preconfigured on the node to work. Must be a descending path, relative to the kubelet's configured
    seccomp profile location. Must be set if type is "Localhost". Must NOT be set for any other type.
    """

    type: str
    """type indicates which kind of seccomp profile will be applied. Valid options are:

    Localhost - a profile defined in a file on the node should be used. RuntimeDefault - the container
    runtime default profile should be used. Unconfined - no profile should be applied.
    """


class SecretEnvSource(KubeModel):
    """SecretEnvSource selects a Secret to populate the environment variables with.

    The contents of the target Secret's Data field will represent the key-value pairs as environment
    variables.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """Specify whether the Secret must be defined"""


class SecretKeySelector(KubeModel):
    """SecretKeySelector selects a key of a Secret."""

    key: str
    """The key of the secret to select from.  Must be a valid secret key."""

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """Specify whether the Secret or its key must be defined"""


class SecretProjection(KubeModel):
    """Adapts a secret into a projected volume.

    The contents of the target Secret's Data field will be presented in a projected volume as files using
    the keys in the Data field as the file names. Note that this is identical to a secret volume source
    without the default mode.
    """

    items: list[KeyToPath] | None = None
    """items if unspecified, each key-value pair in the Data field of the referenced Secret will be projected
    into the volume as a file whose name is the key and content is the value. If specified, the listed keys
    will be projected into the specified paths, and unlisted keys will not be present. If a key is
    specified which is not present in the Secret, the volume setup will error unless it is marked optional.
    Paths must be relative and may not contain the '..' path or start with '..'.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """optional field specify whether the Secret or its key must be defined"""


class SecretReference(KubeModel):
    """SecretReference represents a Secret Reference. It has enough information to retrieve secret in any
    namespace
    """

    name: str | None = None
    """name is unique within a namespace to reference a secret resource."""

    namespace: str | None = None
    """namespace defines the space within which the secret name must be unique."""


class SecretVolumeSource(KubeModel):
    """Adapts a Secret into a volume.

    The contents of the target Secret's Data field will be presented in a volume as files using the keys in
    the Data field as the file names. Secret volumes support ownership management and SELinux relabeling.
    """

    default_mode: int | None = None
    """defaultMode is Optional: mode bits used to set permissions on created files by default. Must be an
    octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and
    decimal values, JSON requires decimal values for mode bits. Defaults to 0644. Directories within the
    path are not affected by this setting. This might be in conflict with other options that affect the
    file mode, like fsGroup, and the result can be other mode bits set.
    """

    items: list[KeyToPath] | None = None
    """items If unspecified, each key-value pair in the Data field of the referenced Secret will be projected
    into the volume as a file whose name is the key and content is the value. If specified, the listed keys
    will be projected into the specified paths, and unlisted keys will not be present. If a key is
    specified which is not present in the Secret, the volume setup will error unless it is marked optional.
    Paths must be relative and may not contain the '..' path or start with '..'.
    """

    optional: bool | None = None
    """optional field specify whether the Secret or its keys must be defined"""

    secret_name: str | None = None
    """secretName is the name of the secret in the pod's namespace to use. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#secret
    """


class ServiceAccount(KubeObject):
    """ServiceAccount binds together: * a name, understood by users, and perhaps by peripheral systems, for an
    identity * a principal that can be authenticated and authorized * a set of secrets
    """

    resource: ClassVar[Resource] = Resource("", "v1", "ServiceAccount", "serviceaccounts", namespaced=True)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["ServiceAccount"] = "ServiceAccount"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    automount_service_account_token: bool | None = None
    """AutomountServiceAccountToken indicates whether pods running as this service account should have an API
    token automatically mounted. Can be overridden at the pod level.
    """

    image_pull_secrets: list[LocalObjectReference] | None = None
    """ImagePullSecrets is a list of references to secrets in the same namespace to use for pulling any images
    in pods that reference this ServiceAccount. ImagePullSecrets are distinct from Secrets because Secrets
    can be mounted in the pod, but ImagePullSecrets are only accessed by the kubelet. More info:
    https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    """

    secrets: list[ObjectReference] | None = None
    """Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are
    allowed to use. Pods are only limited to this list if this service account has a
    "kubernetes.io/enforce-mountable-secrets" annotation set to "true". The
    "kubernetes.io/enforce-mountable-secrets" annotation is deprecated since v1.32. Prefer separate
    namespaces to isolate access to mounted secrets. This field should not be used to find auto-generated
    service account token secrets for use outside of pods. Instead, tokens can be requested directly using
    the TokenRequest API, or service account token secrets can be manually created. More info:
    https://kubernetes.io/docs/concepts/configuration/secret
    """


class ServiceAccountTokenProjection(KubeModel):
    """ServiceAccountTokenProjection represents a projected service account token volume. This projection can
    be used to insert a service account token into the pods runtime filesystem for use against APIs
    (Kubernetes API Server or otherwise).
    """

    audience: str | None = None
    """audience is the intended audience of the token. A recipient of a token must identify itself with an
    identifier specified in the audience of the token, and otherwise should reject the token. The audience
    defaults to the identifier of the apiserver.
    """

    expiration_seconds: int | None = None
    """expirationSeconds is the requested duration of validity of the service account token. As the token
    approaches expiration, the kubelet volume plugin will proactively rotate the service account token. The
    kubelet will start trying to rotate the token if the token is older than 80 percent of its time to live
    or if the token is older than 24 hours.Defaults to 1 hour and must be at least 10 minutes.
    """

    path: str
    """path is the path relative to the mount point of the file to project the token into."""


class ServicePort(KubeModel):
    """ServicePort contains information on service's port."""

    app_protocol: str | None = None
    """The application protocol for this port. This is used as a hint for implementations to offer richer
    behavior for protocols that they understand. This field follows standard Kubernetes label syntax. Valid
    values are either:

    * Un-prefixed protocol names - reserved for IANA standard service names (as per RFC-6335 and
    https://www.iana.org/assignments/service-names).

    * Kubernetes-defined prefixed names:
      * 'kubernetes.io/h2c' - HTTP/2 prior knowledge over cleartext as described in
    https://www.rfc-editor.org/rfc/rfc9113.html#name-starting-http-2-with-prior-
      * 'kubernetes.io/ws'  - WebSocket over cleartext as described in
    https://www.rfc-editor.org/rfc/rfc6455
      * 'kubernetes.io/wss' - WebSocket over TLS as described in https://www.rfc-editor.org/rfc/rfc6455

    * Other protocols should use implementation-defined prefixed names such as
    mycompany.com/my-custom-protocol.
    """

    name: str | None = None
    """The name of this port within the service. This must be a DNS_LABEL. All ports within a ServiceSpec must
    have unique names. When considering the endpoints for a Service, this must match the 'name' field in
    the EndpointPort. Optional if only one ServicePort is defined on this service.
    """

    node_port: int | None = None
    """The port on each node on which this service is exposed when type is NodePort or LoadBalancer.  Usually
    assigned by the system. If a value is specified, in-range, and not in use it will be used, otherwise
    the operation will fail.  If not specified, a port will be allocated if this Service requires one.  If
    this field is specified when creating a Service which does not need it, creation will fail. This field
    will be wiped when updating a Service to no longer need it (e.g. changing type from NodePort to
    ClusterIP). More info: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
    """

    port: int
    """The port that will be exposed by this service."""

    protocol: str | None = None
    """The IP protocol for this port. Supports "TCP", "UDP", and "SCTP". Default is TCP."""

    target_port: IntOrString | None = None
    """Number or name of the port to access on the pods targeted by the service. Number must be in the range 1
    to 65535. Name must be an IANA_SVC_NAME. If this is a string, it will be looked up as a named port in
    the target Pod's container ports. If this is not specified, the value of the 'port' field is used (an
    identity map). This field is ignored for services with clusterIP=None, and should be omitted or set
    equal to the 'port' field. More info:
    https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """


class SessionAffinityConfig(KubeModel):
    """SessionAffinityConfig represents the configurations of session affinity."""

    client_ip: Annotated[ClientIPConfig | None, Field(alias="clientIP")] = None
    """clientIP contains the configurations of Client IP based session affinity."""


class SleepAction(KubeModel):
    """SleepAction describes a "sleep" action."""

    seconds: int
    """Seconds is the number of seconds to sleep."""


class StatefulSetCondition(KubeModel):
    """StatefulSetCondition describes the state of a statefulset at a certain point."""

    last_transition_time: Time | None = None
    """Last time the condition transitioned from one status to another."""

    message: str | None = None
    """A human readable message indicating details about the transition."""

    reason: str | None = None
    """The reason for the condition's last transition."""

    status: str
    """Status of the condition, one of True, False, Unknown."""

    type: str
    """Type of statefulset condition."""


class StatefulSetOrdinals(KubeModel):
    """StatefulSetOrdinals describes the policy used for replica ordinal assignment in this StatefulSet."""

    start: int | None = None
    """start is the number representing the first replica's index. It may be used to number replicas from an
    alternate index (eg: 1-indexed) over the default 0-indexed names, or to orchestrate progressive
    movement of replicas from one StatefulSet to another. If set, replica indices will be in the range:
      [.spec.ordinals.start, .spec.ordinals.start + .spec.replicas).
    If unset, defaults to 0. Replica indices will be in the range:
      [0, .spec.replicas).
    """


class StatefulSetPersistentVolumeClaimRetentionPolicy(KubeModel):
    """StatefulSetPersistentVolumeClaimRetentionPolicy describes the policy used for PVCs created from the
    StatefulSet VolumeClaimTemplates.
    """

    when_deleted: str | None = None
    """WhenDeleted specifies what happens to PVCs created from StatefulSet VolumeClaimTemplates when the
    StatefulSet is deleted. The default policy of `Retain` causes PVCs to not be affected by StatefulSet
    deletion. The `Delete` policy causes those PVCs to be deleted.
    """

    when_scaled: str | None = None
    """WhenScaled specifies what happens to PVCs created from StatefulSet VolumeClaimTemplates when the
    StatefulSet is scaled down. The default policy of `Retain` causes PVCs to not be affected by a
    scaledown. The `Delete` policy causes the associated PVCs for any excess pods above the replica count
    to be deleted.
    """


class StatefulSetStatus(KubeModel):
    """StatefulSetStatus represents the current state of a StatefulSet."""

    available_replicas: int | None = None
    """Total number of available pods (ready for at least minReadySeconds) targeted by this statefulset."""

    collision_count: int | None = None
    """collisionCount is the count of hash collisions for the StatefulSet. The StatefulSet controller uses
    this field as a collision avoidance mechanism when it needs to create the name for the newest
    ControllerRevision.
    """

    conditions: list[StatefulSetCondition] | None = None
    """Represents the latest available observations of a statefulset's current state."""

    current_replicas: int | None = None
    """currentReplicas is the number of Pods created by the StatefulSet controller from the StatefulSet
    version indicated by currentRevision.
    """

    current_revision: str | None = None
    """currentRevision, if not empty, indicates the version of the StatefulSet used to generate Pods in the
    sequence [0,currentReplicas).
    """

    observed_generation: int | None = None
    """observedGeneration is the most recent generation observed for this StatefulSet. It corresponds to the
    StatefulSet's generation, which is updated on mutation by the API Server.
    """

    ready_replicas: int | None = None
    """readyReplicas is the number of pods created for this StatefulSet with a Ready Condition."""

    replicas: int
    """replicas is the number of Pods created by the StatefulSet controller."""

    update_revision: str | None = None
    """updateRevision, if not empty, indicates the version of the StatefulSet used to generate Pods in the
    sequence [replicas-updatedReplicas,replicas)
    """

    updated_replicas: int | None = None
    """updatedReplicas is the number of Pods created by the StatefulSet controller from the StatefulSet
    version indicated by updateRevision.
    """


class StatefulSetUpdateStrategy(KubeModel):
    """StatefulSetUpdateStrategy indicates the strategy that the StatefulSet controller will use to perform
    updates. It includes any additional parameters necessary to perform the update for the indicated
    strategy.
    """

    rolling_update: RollingUpdateStatefulSetStrategy | None = None
    """RollingUpdate is used to communicate parameters when Type is RollingUpdateStatefulSetStrategyType."""

    type: str | None = None
    """Type indicates the type of the StatefulSetUpdateStrategy. Default is RollingUpdate."""


class StorageOSPersistentVolumeSource(KubeModel):
    """Represents a StorageOS persistent volume resource."""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_ref: ObjectReference | None = None
    """secretRef specifies the secret to use for obtaining the StorageOS API credentials.  If not specified,
    default values will be attempted.
    """

    volume_name: str | None = None
    """volumeName is the human-readable name of the StorageOS volume.  Volume names are only unique within a
    namespace.
    """

    volume_namespace: str | None = None
    """volumeNamespace specifies the scope of the volume within StorageOS.  If no namespace is specified then
    the Pod's namespace will be used.  This allows the Kubernetes name scoping to be mirrored within
    StorageOS for tighter integration. Set VolumeName to any name to override the default behaviour. Set to
    "default" if you are not using namespaces within StorageOS. Namespaces that do not pre-exist within
    StorageOS will be created.
    """


class StorageOSVolumeSource(KubeModel):
    """Represents a StorageOS persistent volume resource."""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_ref: LocalObjectReference | None = None
    """secretRef specifies the secret to use for obtaining the StorageOS API credentials.  If not specified,
    default values will be attempted.
    """

    volume_name: str | None = None
    """volumeName is the human-readable name of the StorageOS volume.  Volume names are only unique within a
    namespace.
    """

    volume_namespace: str | None = None
    """volumeNamespace specifies the scope of the volume within StorageOS.  If no namespace is specified then
    the Pod's namespace will be used.  This allows the Kubernetes name scoping to be mirrored within
    StorageOS for tighter integration. Set VolumeName to any name to override the default behaviour. Set to
    "default" if you are not using namespaces within StorageOS. Namespaces that do not pre-exist within
    StorageOS will be created.
    """


class Subject(KubeModel):
    """Subject contains a reference to the object or user identities a role binding applies to.  This can
    either hold a direct API object reference, or a value for non-objects such as user and group names.
    """

    api_group: str | None = None
    """APIGroup holds the API group of the referenced subject. Defaults to "" for ServiceAccount subjects.
    Defaults to "rbac.authorization.k8s.io" for User and Group subjects.
    """

    kind: str
    """Kind of object being referenced. Values defined by this API group are "User", "Group", and
    "ServiceAccount". If the Authorizer does not recognized the kind value, the Authorizer should report an
    error.
    """

    name: str
    """Name of the object being referenced."""

    namespace: str | None = None
    """Namespace of the referenced object.  If the object kind is non-namespace, such as "User" or "Group",
    and this value is not empty the Authorizer should report an error.
    """


class SuccessPolicyRule(KubeModel):
    """SuccessPolicyRule describes rule for declaring a Job as succeeded. Each rule must have at least one of
    the "succeededIndexes" or "succeededCount" specified.
    """

    succeeded_count: int | None = None
    """succeededCount specifies the minimal required size of the actual set of the succeeded indexes for the
    Job. When succeededCount is used along with succeededIndexes, the check is constrained only to the set
    of indexes specified by succeededIndexes. For example, given that succeededIndexes is "1-4",
    succeededCount is "3", and completed indexes are "1", "3", and "5", the Job isn't declared as succeeded
    because only "1" and "3" indexes are considered in that rules. When this field is null, this doesn't
    default to any value and is never evaluated at any time. When specified it needs to be a positive
    integer.
    """

    succeeded_indexes: str | None = None
    """succeededIndexes specifies the set of indexes which need to be contained in the actual set of the
    succeeded indexes for the Job. The list of indexes must be within 0 to ".spec.completions-1" and must
    not contain duplicates. At least one element is required. The indexes are represented as intervals
    separated by commas. The intervals can be a decimal integer or a pair of decimal integers separated by
    a hyphen. The number are listed in represented by the first and last element of the series, separated
    by a hyphen. For example, if the completed indexes are 1, 3, 4, 5 and 7, they are represented as
    "1,3-5,7". When this field is null, this field doesn't default to any value and is never evaluated at
    any time.
    """


class Sysctl(KubeModel):
    """Sysctl defines a kernel parameter to be set"""

    name: str
    """Name of a property to set"""

    value: str
    """Value of a property to set"""


class TCPSocketAction(KubeModel):
    """TCPSocketAction describes an action based on opening a socket"""

    host: str | None = None
    """Optional: Host name to connect to, defaults to the pod IP."""

    port: IntOrString
    """Number or name of the port to access on the container. Number must be in the range 1 to 65535. Name
    must be an IANA_SVC_NAME.
    """


class Taint(KubeModel):
    """The node this Taint is attached to has the "effect" on any pod that does not tolerate the Taint."""

    effect: str
    """Required. The effect of the taint on pods that do not tolerate the taint. Valid effects are NoSchedule,
    PreferNoSchedule and NoExecute.
    """

    key: str
    """Required. The taint key to be applied to a node."""

    time_added: Time | None = None
    """TimeAdded represents the time at which the taint was added."""

    value: str | None = None
    """The taint value corresponding to the taint key."""


class TokenRequest(KubeModel):
    """TokenRequest contains parameters of a service account token."""

    audience: str
    """audience is the intended audience of the token in "TokenRequestSpec". It will default to the audiences
    of kube apiserver.
    """

    expiration_seconds: int | None = None
    """expirationSeconds is the duration of validity of the token in "TokenRequestSpec". It has the same
    default value of "ExpirationSeconds" in "TokenRequestSpec".
    """


class Toleration(KubeModel):
    """The pod this Toleration is attached to tolerates any taint that matches the triple <key,value,effect>
    using the matching operator <operator>.
    """

    effect: str | None = None
    """Effect indicates the taint effect to match. Empty means match all taint effects. When specified,
    allowed values are NoSchedule, PreferNoSchedule and NoExecute.
    """

    key: str | None = None
    """Key is the taint key that the toleration applies to. Empty means match all taint keys. If the key is
    empty, operator must be Exists; this combination means to match all values and all keys.
    """

    operator: str | None = None
    """Operator represents a key's relationship to the value. Valid operators are Exists, Equal, Lt, and Gt.
    Defaults to Equal. Exists is equivalent to wildcard for value, so that a pod can tolerate all taints of
    a particular category. Lt and Gt perform numeric comparisons (requires feature gate
    TaintTolerationComparisonOperators).
    """

    toleration_seconds: int | None = None
    """TolerationSeconds represents the period of time the toleration (which must be of effect NoExecute,
    otherwise this field is ignored) tolerates the taint. By default, it is not set, which means tolerate
    the taint forever (do not evict). Zero and negative values will be treated as 0 (evict immediately) by
    the system.
    """

    value: str | None = None
    """Value is the taint value the toleration matches to. If the operator is Exists, the value should be
    empty, otherwise just a regular string.
    """


class TypeChecking(KubeModel):
    """TypeChecking contains results of type checking the expressions in the ValidatingAdmissionPolicy"""

    expression_warnings: list[ExpressionWarning] | None = None
    """expressionWarnings contains the type checking warnings for each expression."""


class TypedLocalObjectReference(KubeModel):
    """TypedLocalObjectReference contains enough information to let you locate the typed referenced object
    inside the same namespace.
    """

    api_group: str | None = None
    """APIGroup is the group for the resource being referenced. If APIGroup is not specified, the specified
    Kind must be in the core API group. For any other third-party types, APIGroup is required.
    """

    kind: str
    """Kind is the type of resource being referenced"""

    name: str
    """Name is the name of resource being referenced"""


class TypedObjectReference(KubeModel):
    """TypedObjectReference contains enough information to let you locate the typed referenced object"""

    api_group: str | None = None
    """APIGroup is the group for the resource being referenced. If APIGroup is not specified, the specified
    Kind must be in the core API group. For any other third-party types, APIGroup is required.
    """

    kind: str
    """Kind is the type of resource being referenced"""

    name: str
    """Name is the name of resource being referenced"""

    namespace: str | None = None
    """Namespace is the namespace of resource being referenced Note that when a namespace is specified, a
    gateway.networking.k8s.io/ReferenceGrant object is required in the referent namespace to allow that
    namespace's owner to accept the reference. See the ReferenceGrant documentation for details. (Alpha)
    This field requires the CrossNamespaceVolumeDataSource feature gate to be enabled.
    """


class UncountedTerminatedPods(KubeModel):
    """UncountedTerminatedPods holds UIDs of Pods that have terminated but haven't been accounted in Job
    status counters.
    """

    failed: list[str] | None = None
    """failed holds UIDs of failed Pods."""

    succeeded: list[str] | None = None
    """succeeded holds UIDs of succeeded Pods."""


class ValidatingAdmissionPolicyStatus(KubeModel):
    """ValidatingAdmissionPolicyStatus represents the status of an admission validation policy."""

    conditions: list[Condition] | None = None
    """conditions represent the latest available observations of a policy's current state."""

    observed_generation: int | None = None
    """observedGeneration is the generation observed by the controller."""

    type_checking: TypeChecking | None = None
    """typeChecking contains the results of type checking for each expression. Presence of this field
    indicates the completion of the type checking.
    """


class Validation(KubeModel):
    """Validation specifies the CEL expression which is used to apply the validation."""

    expression: str
    """expression represents the expression which will be evaluated by CEL. ref:
    https://github.com/google/cel-spec CEL expressions have access to the contents of the API
    request/response, organized into CEL variables as well as some other useful variables:

    - 'object' - The object from the incoming request. The value is null for DELETE requests. - 'oldObject'
    - The existing object. The value is null for CREATE requests. - 'request' - Attributes of the API
    request([ref](/pkg/apis/admission/types.go#AdmissionRequest)). - 'params' - Parameter resource referred
    to by the policy binding being evaluated. Only populated if the policy has a ParamKind. -
    'namespaceObject' - The namespace object that the incoming object belongs to. The value is null for
    cluster-scoped resources. - 'variables' - Map of composited variables, from its name to its lazily
    evaluated value.
      For example, a variable named 'foo' can be accessed as 'variables.foo'.
    - 'authorizer' - A CEL Authorizer. May be used to perform authorization checks for the principal (user
    or service account) of the request.
      See https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#Authz
    - 'authorizer.requestResource' - A CEL ResourceCheck constructed from the 'authorizer' and configured
    with the
      request resource.

    The `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are always accessible from the
    root of the object. No other metadata properties are accessible.

    Only property names of the form `[a-zA-Z_.-/][a-zA-Z0-9_.-/]*` are accessible. Accessible property
    names are escaped according to the following rules when accessed in the expression: - '__' escapes to
    '__underscores__' - '.' escapes to '__dot__' - '-' escapes to '__dash__' - '/' escapes to '__slash__' -
    Property names that exactly match a CEL RESERVED keyword escape to '__{keyword}__'. The keywords are:
          "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
    "if",
          "import", "let", "loop", "package", "namespace", "return".
    Examples:
      - Expression accessing a property named "namespace": {"Expression": "object.__namespace__ > 0"}
      - Expression accessing a property named "x-prop": {"Expression": "object.x__dash__prop > 0"}
      - Expression accessing a property named "redact__d": {"Expression": "object.redact__underscores__d >
    0"}

    Equality on arrays with list type of 'set' or 'map' ignores element order, i.e. [1, 2] == [2, 1].
    Concatenation on arrays with x-kubernetes-list-type use the semantics of the list type:
      - 'set': `X + Y` performs a union where the array positions of all elements in `X` are preserved and
        non-intersecting elements in `Y` are appended, retaining their partial order.
      - 'map': `X + Y` performs a merge where the array positions of all keys in `X` are preserved but the
    values
        are overwritten by values in `Y` when the key sets of `X` and `Y` intersect. Elements in `Y` with
        non-intersecting keys are appended, retaining their partial order.
    Required.
    """

    message: str | None = None
    """message represents the message displayed when validation fails. The message is required if the
    Expression contains line breaks. The message must not contain line breaks. If unset, the message is
    "failed rule: {Rule}". e.g. "must be a URL with the host matching spec.host" If the Expression contains
    line breaks. Message is required. The message must not contain line breaks. If unset, the message is
    "failed Expression: {Expression}".
    """

    message_expression: str | None = None
    """messageExpression declares a CEL expression that evaluates to the validation failure message that is
    returned when this rule fails. Since messageExpression is used as a failure message, it must evaluate
    to a string. If both message and messageExpression are present on a validation, then messageExpression
    will be used if validation fails. If messageExpression results in a runtime error, the runtime error is
    logged, and the validation failure message is produced as if the messageExpression field were unset. If
    messageExpression evaluates to an empty string, a string with only spaces, or a string that contains
    line breaks, then the validation failure message will also be produced as if the messageExpression
    field were unset, and the fact that messageExpression produced an empty string/string with only
    spaces/string with line breaks will be logged. messageExpression has access to all the same variables
    as the `expression` except for 'authorizer' and 'authorizer.requestResource'. Example: "object.x must
    be less than max ("+string(params.max)+")"
    """

    reason: str | None = None
    """reason represents a machine-readable description of why this validation failed. If this is the first
    validation in the list to fail, this reason, as well as the corresponding HTTP response code, are used
    in the HTTP response to the client. The currently supported reasons are: "Unauthorized", "Forbidden",
    "Invalid", "RequestEntityTooLarge". If not set, StatusReasonInvalid is used in the response to the
    client.
    """


class Variable(KubeModel):
    """Variable is the definition of a variable that is used for composition. A variable is defined as a named
    expression.
    """

    expression: str
    """expression is the expression that will be evaluated as the value of the variable. The CEL expression
    has access to the same identifiers as the CEL expressions in Validation.
    """

    name: str
    """name is the name of the variable. The name must be a valid CEL identifier and unique among all
    variables. The variable can be accessed in other expressions through `variables` For example, if name
    is "foo", the variable will be available as `variables.foo`
    """


class VolumeDevice(KubeModel):
    """volumeDevice describes a mapping of a raw block device within a container."""

    device_path: str
    """devicePath is the path inside of the container that the device will be mapped to."""

    name: str
    """name must match the name of a persistentVolumeClaim in the pod"""


class VolumeMount(KubeModel):
    """VolumeMount describes a mounting of a Volume within a container."""

    mount_path: str
    """Path within the container at which the volume should be mounted.  Must not contain ':'."""

    mount_propagation: str | None = None
    """mountPropagation determines how mounts are propagated from the host to container and the other way
    around. When not set, MountPropagationNone is used. This field is beta in 1.10. When RecursiveReadOnly
    is set to IfPossible or to Enabled, MountPropagation must be None or unspecified (which defaults to
    None).
    """

    name: str
    """This must match the Name of a Volume."""

    read_only: bool | None = None
    """Mounted read-only if true, read-write otherwise (false or unspecified). Defaults to false."""

    recursive_read_only: str | None = None
    """RecursiveReadOnly specifies whether read-only mounts should be handled recursively.

    If ReadOnly is false, this field has no meaning and must be unspecified.

    If ReadOnly is true, and this field is set to Disabled, the mount is not made recursively read-only.
    If this field is set to IfPossible, the mount is made recursively read-only, if it is supported by the
    container runtime.  If this field is set to Enabled, the mount is made recursively read-only if it is
    supported by the container runtime, otherwise the pod will not be started and an error will be
    generated to indicate the reason.

    If this field is set to IfPossible or Enabled, MountPropagation must be set to None (or be unspecified,
    which defaults to None).

    If this field is not specified, it is treated as an equivalent of Disabled.
    """

    sub_path: str | None = None
    """Path within the volume from which the container's volume should be mounted. Defaults to "" (volume's
    root).
    """

    sub_path_expr: str | None = None
    """Expanded path within the volume from which the container's volume should be mounted. Behaves similarly
    to SubPath but environment variable references $(VAR_NAME) are expanded using the container's
    environment. Defaults to "" (volume's root). SubPathExpr and SubPath are mutually exclusive.
    """


class VolumeResourceRequirements(KubeModel):
    """VolumeResourceRequirements describes the storage resource requirements for a volume."""

    limits: dict[str, Quantity] | None = None
    """Limits describes the maximum amount of compute resources allowed. More info:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """

    requests: dict[str, Quantity] | None = None
    """Requests describes the minimum amount of compute resources required. If Requests is omitted for a
    container, it defaults to Limits if that is explicitly specified, otherwise to an
    implementation-defined value. Requests cannot exceed Limits. More info:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """


class VolumeStatus(KubeModel):
    """VolumeStatus represents the status of a mounted volume. At most one of its members must be specified."""

    image: ImageVolumeStatus | None = None
    """image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host
    machine.
    """


class VsphereVirtualDiskVolumeSource(KubeModel):
    """Represents a vSphere volume resource."""

    fs_type: str | None = None
    """fsType is filesystem type to mount. Must be a filesystem type supported by the host operating system.
    Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
    """

    storage_policy_id: Annotated[str | None, Field(alias="storagePolicyID")] = None
    """storagePolicyID is the storage Policy Based Management (SPBM) profile ID associated with the
    StoragePolicyName.
    """

    storage_policy_name: str | None = None
    """storagePolicyName is the storage Policy Based Management (SPBM) profile name."""

    volume_path: str
    """volumePath is the path that identifies vSphere volume vmdk"""


class WindowsSecurityContextOptions(KubeModel):
    """WindowsSecurityContextOptions contain Windows-specific options and credentials."""

    gmsa_credential_spec: str | None = None
    """GMSACredentialSpec is where the GMSA admission webhook
    (https://github.com/kubernetes-sigs/windows-gmsa) inlines the contents of the GMSA credential spec
    named by the GMSACredentialSpecName field.
    """

    gmsa_credential_spec_name: str | None = None
    """GMSACredentialSpecName is the name of the GMSA credential spec to use."""

    host_process: bool | None = None
    """HostProcess determines if a container should be run as a 'Host Process' container. All of a Pod's
    containers must have the same effective HostProcess value (it is not allowed to have a mix of
    HostProcess containers and non-HostProcess containers). In addition, if HostProcess is true then
    HostNetwork must also be set to true.
    """

    run_as_user_name: str | None = None
    """The UserName in Windows to run the entrypoint of the container process. Defaults to the user specified
    in image metadata if unspecified. May also be set in PodSecurityContext. If set in both SecurityContext
    and PodSecurityContext, the value specified in SecurityContext takes precedence.
    """


class CSIDriverSpec(KubeModel):
    """CSIDriverSpec is the specification of a CSIDriver."""

    attach_required: bool | None = None
    """attachRequired indicates this CSI volume driver requires an attach operation (because it implements the
    CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the
    attach volume interface which checks the volumeattachment status and waits until the volume is attached
    before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates
    the volumeattachment status when the attach operation is complete. If the value is specified to false,
    the attach operation will be skipped. Otherwise the attach operation will be called.

    This field is immutable.
    """

    fs_group_policy: str | None = None
    """fsGroupPolicy defines if the underlying volume supports changing ownership and permission of the volume
    before being mounted. Refer to the specific FSGroupPolicy values for additional details.

    This field was immutable in Kubernetes < 1.29 and now is mutable.

    Defaults to ReadWriteOnceWithFSType, which will examine each volume to determine if Kubernetes should
    modify ownership and permissions of the volume. With the default policy the defined fsGroup will only
    be applied if a fstype is defined and the volume's access mode contains ReadWriteOnce.
    """

    node_allocatable_update_period_seconds: int | None = None
    """nodeAllocatableUpdatePeriodSeconds specifies the interval between periodic updates of the CSINode
    allocatable capacity for this driver. When set, both periodic updates and updates triggered by
    capacity-related failures are enabled. If not set, no updates occur (neither periodic nor upon
    detecting capacity-related failures), and the allocatable.count remains static. The minimum allowed
    value for this field is 10 seconds.

    This feature requires the MutableCSINodeAllocatableCount feature gate to be enabled.

    This field is mutable.
    """

    pod_info_on_mount: bool | None = None
    """podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName,
    podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be
    passed on mount. Default is false.

    The CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod
    information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for
    parsing and validating the information passed in as VolumeContext.

    The following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but
    the prefix will be used. "csi.storage.k8s.io/pod.name": pod.Name "csi.storage.k8s.io/pod.namespace":
    pod.Namespace "csi.storage.k8s.io/pod.uid": string(pod.UID) "csi.storage.k8s.io/ephemeral": "true" if
    the volume is an ephemeral inline volume
                                    defined by a CSIVolumeSource, otherwise "false"

    "csi.storage.k8s.io/ephemeral" is a new feature in Kubernetes 1.16. It is only required for drivers
    which support both the "Persistent" and "Ephemeral" VolumeLifecycleMode. Other drivers can leave pod
    info disabled and/or ignore this field. As Kubernetes 1.15 doesn't support this field, drivers can only
    support one mode when deployed on such a cluster and the deployment determines which mode that is, for
    example via a command line parameter of the driver.

    This field was immutable in Kubernetes < 1.29 and now is mutable.
    """

    prevent_pod_scheduling_if_missing: bool | None = None
    """PreventPodSchedulingIfMissing indicates that the CSI driver wants to prevent pod scheduling if the CSI
    driver on the node is missing.

    Enabling this option will prevent the scheduler (or any other component which embeds default scheduler
    such as cluster-autoscaler) from scheduling pods to nodes where CSI driver is not installed.

    For components(such as cluster-autoscaler) that embed the scheduler and run pod placement simulations
    using scheduler plugins, they MUST be aware of CSI driver registration information via CSINode object.
    They must create simulated CSINode objects in addition to Node objects during scheduling simulation,
    otherwise if PreventPodSchedulingIfMissing is enabled globally for CSIDriver object, any newly created
    node may be rejected by the scheduler because of missing CSI driver information from the node.

    This is an alpha feature and requires the VolumeLimitScaling feature gate to be enabled. Default is
    "false".
    """

    requires_republish: bool | None = None
    """requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to
    reflect any possible change in the mounted volume. This field defaults to false.

    Note: After a successful initial NodePublishVolume call, subsequent calls to NodePublishVolume should
    only update the contents of the volume. New mount points will not be seen by a running container.
    """

    se_linux_mount: bool | None = None
    """seLinuxMount specifies if the CSI driver supports "-o context" mount option.

    When "true", the CSI driver must ensure that all volumes provided by this CSI driver can be mounted
    separately with different `-o context` options. This is typical for storage backends that provide
    volumes as filesystems on block devices or as independent shared volumes. Kubernetes will call
    NodeStage / NodePublish with "-o context=xyz" mount option when mounting a ReadWriteOncePod volume used
    in Pod that has explicitly set SELinux context. In the future, it may be expanded to other volume
    AccessModes. In any case, Kubernetes will ensure that the volume is mounted only with a single SELinux
    context.

    When "false", Kubernetes won't pass any special SELinux mount options to the driver. This is typical
    for volumes that represent subdirectories of a bigger shared filesystem.

    Default is "false".
    """

    service_account_token_in_secrets: bool | None = None
    """serviceAccountTokenInSecrets is an opt-in for CSI drivers to indicate that service account tokens
    should be passed via the Secrets field in NodePublishVolumeRequest instead of the VolumeContext field.
    The CSI specification provides a dedicated Secrets field for sensitive information like tokens, which
    is the appropriate mechanism for handling credentials. This addresses security concerns where sensitive
    tokens were being logged as part of volume context.

    When "true", kubelet will pass the tokens only in the Secrets field with the key
    "csi.storage.k8s.io/serviceAccount.tokens". The CSI driver must be updated to read tokens from the
    Secrets field instead of VolumeContext.

    When "false" or not set, kubelet will pass the tokens in VolumeContext with the key
    "csi.storage.k8s.io/serviceAccount.tokens" (existing behavior). This maintains backward compatibility
    with existing CSI drivers.

    This field can only be set when TokenRequests is configured. The API server will reject CSIDriver specs
    that set this field without TokenRequests.

    Default behavior if unset is to pass tokens in the VolumeContext field.
    """

    storage_capacity: bool | None = None
    """storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage
    capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity
    information, if set to true.

    The check can be enabled immediately when deploying a driver. In that case, provisioning new volumes
    with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity
    object.

    Alternatively, the driver can be deployed with the field unset or false and it can be flipped later
    when storage capacity information has been published.

    This field was immutable in Kubernetes <= 1.22 and now is mutable.
    """

    token_requests: list[TokenRequest] | None = None
    """tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to
    do necessary authentication. Kubelet will pass the tokens in VolumeContext in the CSI NodePublishVolume
    calls. The CSI driver should parse and validate the following VolumeContext:
    "csi.storage.k8s.io/serviceAccount.tokens": {
      "<audience>": {
        "token": <token>,
        "expirationTimestamp": <expiration timestamp in RFC3339>,
      },
      ...
    }

    Note: Audience in each TokenRequest should be different and at most one token is empty string. To
    receive a new token after expiry, RequiresRepublish can be used to trigger NodePublishVolume
    periodically.
    """

    volume_lifecycle_modes: list[str] | None = None
    """volumeLifecycleModes defines what kind of volumes this CSI volume driver supports. The default if the
    list is empty is "Persistent", which is the usage defined by the CSI specification and implemented in
    Kubernetes via the usual PV/PVC mechanism.

    The other mode is "Ephemeral". In this mode, volumes are defined inline inside the pod spec with
    CSIVolumeSource and their lifecycle is tied to the lifecycle of that pod. A driver has to be aware of
    this because it is only going to get a NodePublishVolume call for such a volume.

    For more information about implementing this mode, see
    https://kubernetes-csi.github.io/docs/ephemeral-local-volumes.html A driver can support one or more of
    these modes and more modes may be added in the future.

    This field is beta. This field is immutable.
    """


class CSIPersistentVolumeSource(KubeModel):
    """Represents storage that is managed by an external CSI volume driver"""

    controller_expand_secret_ref: SecretReference | None = None
    """controllerExpandSecretRef is a reference to the secret object containing sensitive information to pass
    to the CSI driver to complete the CSI ControllerExpandVolume call. This field is optional, and may be
    empty if no secret is required. If the secret object contains more than one secret, all secrets are
    passed.
    """

    controller_publish_secret_ref: SecretReference | None = None
    """controllerPublishSecretRef is a reference to the secret object containing sensitive information to pass
    to the CSI driver to complete the CSI ControllerPublishVolume and ControllerUnpublishVolume calls. This
    field is optional, and may be empty if no secret is required. If the secret object contains more than
    one secret, all secrets are passed.
    """

    driver: str
    """driver is the name of the driver to use for this volume. Required."""

    fs_type: str | None = None
    """fsType to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs",
    "ntfs".
    """

    node_expand_secret_ref: SecretReference | None = None
    """nodeExpandSecretRef is a reference to the secret object containing sensitive information to pass to the
    CSI driver to complete the CSI NodeExpandVolume call. This field is optional, may be omitted if no
    secret is required. If the secret object contains more than one secret, all secrets are passed.
    """

    node_publish_secret_ref: SecretReference | None = None
    """nodePublishSecretRef is a reference to the secret object containing sensitive information to pass to
    the CSI driver to complete the CSI NodePublishVolume and NodeUnpublishVolume calls. This field is
    optional, and may be empty if no secret is required. If the secret object contains more than one
    secret, all secrets are passed.
    """

    node_stage_secret_ref: SecretReference | None = None
    """nodeStageSecretRef is a reference to the secret object containing sensitive information to pass to the
    CSI driver to complete the CSI NodeStageVolume and NodeStageVolume and NodeUnstageVolume calls. This
    field is optional, and may be empty if no secret is required. If the secret object contains more than
    one secret, all secrets are passed.
    """

    read_only: bool | None = None
    """readOnly value to pass to ControllerPublishVolumeRequest. Defaults to false (read/write)."""

    volume_attributes: dict[str, str] | None = None
    """volumeAttributes of the volume to publish."""

    volume_handle: str
    """volumeHandle is the unique volume name returned by the CSI volume plugin's CreateVolume to refer to the
    volume on all subsequent calls. Required.
    """


class CSIVolumeSource(KubeModel):
    """Represents a source location of a volume to mount, managed by an external CSI driver"""

    driver: str
    """driver is the name of the CSI driver that handles this volume. Consult with your admin for the correct
    name as registered in the cluster.
    """

    fs_type: str | None = None
    """fsType to mount. Ex. "ext4", "xfs", "ntfs". If not provided, the empty value is passed to the
    associated CSI driver which will determine the default filesystem to apply.
    """

    node_publish_secret_ref: LocalObjectReference | None = None
    """nodePublishSecretRef is a reference to the secret object containing sensitive information to pass to
    the CSI driver to complete the CSI NodePublishVolume and NodeUnpublishVolume calls. This field is
    optional, and  may be empty if no secret is required. If the secret object contains more than one
    secret, all secret references are passed.
    """

    read_only: bool | None = None
    """readOnly specifies a read-only configuration for the volume. Defaults to false (read/write)."""

    volume_attributes: dict[str, str] | None = None
    """volumeAttributes stores driver-specific properties that are passed to the CSI driver. Consult your
    driver's documentation for supported values.
    """


class CephFSPersistentVolumeSource(KubeModel):
    """Represents a Ceph Filesystem mount that lasts the lifetime of a pod Cephfs volumes do not support
    ownership management or SELinux relabeling.
    """

    monitors: list[str]
    """monitors is Required: Monitors is a collection of Ceph monitors More info:
    https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    path: str | None = None
    """path is Optional: Used as the mounted root, rather than the full Ceph tree, default is /"""

    read_only: bool | None = None
    """readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    secret_file: str | None = None
    """secretFile is Optional: SecretFile is the path to key ring for User, default is /etc/ceph/user.secret
    More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    secret_ref: SecretReference | None = None
    """secretRef is Optional: SecretRef is reference to the authentication secret for User, default is empty.
    More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    user: str | None = None
    """user is Optional: User is the rados user name, default is admin More info:
    https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """


class CephFSVolumeSource(KubeModel):
    """Represents a Ceph Filesystem mount that lasts the lifetime of a pod Cephfs volumes do not support
    ownership management or SELinux relabeling.
    """

    monitors: list[str]
    """monitors is Required: Monitors is a collection of Ceph monitors More info:
    https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    path: str | None = None
    """path is Optional: Used as the mounted root, rather than the full Ceph tree, default is /"""

    read_only: bool | None = None
    """readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    secret_file: str | None = None
    """secretFile is Optional: SecretFile is the path to key ring for User, default is /etc/ceph/user.secret
    More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    secret_ref: LocalObjectReference | None = None
    """secretRef is Optional: SecretRef is reference to the authentication secret for User, default is empty.
    More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """

    user: str | None = None
    """user is optional: User is the rados user name, default is admin More info:
    https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
    """


class CinderPersistentVolumeSource(KubeModel):
    """Represents a cinder volume resource in Openstack. A Cinder volume must exist before mounting to a
    container. The volume must also be in the same region as the kubelet. Cinder volumes support ownership
    management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType Filesystem type to mount. Must be a filesystem type supported by the host operating system.
    Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified. More info:
    https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    read_only: bool | None = None
    """readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    secret_ref: SecretReference | None = None
    """secretRef is Optional: points to a secret object containing parameters used to connect to OpenStack."""

    volume_id: Annotated[str, Field(alias="volumeID")]
    """volumeID used to identify the volume in cinder. More info:
    https://examples.k8s.io/mysql-cinder-pd/README.md
    """


class CinderVolumeSource(KubeModel):
    """Represents a cinder volume resource in Openstack. A Cinder volume must exist before mounting to a
    container. The volume must also be in the same region as the kubelet. Cinder volumes support ownership
    management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified. More info:
    https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
    More info: https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    secret_ref: LocalObjectReference | None = None
    """secretRef is optional: points to a secret object containing parameters used to connect to OpenStack."""

    volume_id: Annotated[str, Field(alias="volumeID")]
    """volumeID used to identify the volume in cinder. More info:
    https://examples.k8s.io/mysql-cinder-pd/README.md
    """


class ClusterRoleBinding(KubeObject):
    """ClusterRoleBinding references a ClusterRole, but not contain it.  It can reference a ClusterRole in the
    global namespace, and adds who information via Subject.
    """

    resource: ClassVar[Resource] = Resource(
        "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False
    )

    api_version: Literal["rbac.authorization.k8s.io/v1"] = "rbac.authorization.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["ClusterRoleBinding"] = "ClusterRoleBinding"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    role_ref: RoleRef
    """RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved,
    the Authorizer must return an error. This field is immutable.
    """

    subjects: list[Subject] | None = None
    """Subjects holds references to the objects the role applies to."""


class ConfigMapProjection(KubeModel):
    """Adapts a ConfigMap into a projected volume.

    The contents of the target ConfigMap's Data field will be presented in a projected volume as files
    using the keys in the Data field as the file names, unless the items element is populated with specific
    mappings of keys to paths. Note that this is identical to a configmap volume source without the default
    mode.
    """

    items: list[KeyToPath] | None = None
    """items if unspecified, each key-value pair in the Data field of the referenced ConfigMap will be
    projected into the volume as a file whose name is the key and content is the value. If specified, the
    listed keys will be projected into the specified paths, and unlisted keys will not be present. If a key
    is specified which is not present in the ConfigMap, the volume setup will error unless it is marked
    optional. Paths must be relative and may not contain the '..' path or start with '..'.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """optional specify whether the ConfigMap or its keys must be defined"""


class ConfigMapVolumeSource(KubeModel):
    """Adapts a ConfigMap into a volume.

    The contents of the target ConfigMap's Data field will be presented in a volume as files using the keys
    in the Data field as the file names, unless the items element is populated with specific mappings of
    keys to paths. ConfigMap volumes support ownership management and SELinux relabeling.
    """

    default_mode: int | None = None
    """defaultMode is optional: mode bits used to set permissions on created files by default. Must be an
    octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and
    decimal values, JSON requires decimal values for mode bits. Defaults to 0644. Directories within the
    path are not affected by this setting. This might be in conflict with other options that affect the
    file mode, like fsGroup, and the result can be other mode bits set.
    """

    items: list[KeyToPath] | None = None
    """items if unspecified, each key-value pair in the Data field of the referenced ConfigMap will be
    projected into the volume as a file whose name is the key and content is the value. If specified, the
    listed keys will be projected into the specified paths, and unlisted keys will not be present. If a key
    is specified which is not present in the ConfigMap, the volume setup will error unless it is marked
    optional. Paths must be relative and may not contain the '..' path or start with '..'.
    """

    name: str | None = None
    """Name of the referent. This field is effectively required, but due to backwards compatibility is allowed
    to be empty. Instances of this type with an empty value here are almost certainly wrong. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    optional: bool | None = None
    """optional specify whether the ConfigMap or its keys must be defined"""


class ContainerRestartRule(KubeModel):
    """ContainerRestartRule describes how a container exit is handled."""

    action: str
    """Specifies the action taken on a container exit if the requirements are satisfied. The only possible
    value is "Restart" to restart the container.
    """

    exit_codes: ContainerRestartRuleOnExitCodes | None = None
    """Represents the exit codes to check on container exits."""


class ContainerState(KubeModel):
    """ContainerState holds a possible state of container. Only one of its members may be specified. If none
    of them is specified, the default one is ContainerStateWaiting.
    """

    running: ContainerStateRunning | None = None
    """Details about a running container"""

    terminated: ContainerStateTerminated | None = None
    """Details about a terminated container"""

    waiting: ContainerStateWaiting | None = None
    """Details about a waiting container"""


class ContainerUser(KubeModel):
    """ContainerUser represents user identity information"""

    linux: LinuxContainerUser | None = None
    """Linux holds user identity information initially attached to the first process of the containers in
    Linux. Note that the actual running identity can be changed if the process has enough privilege to do
    so.
    """


class CronJobStatus(KubeModel):
    """CronJobStatus represents the current state of a cron job."""

    active: list[ObjectReference] | None = None
    """A list of pointers to currently running jobs."""

    last_schedule_time: Time | None = None
    """Information when was the last time the job was successfully scheduled."""

    last_successful_time: Time | None = None
    """Information when was the last time the job successfully completed."""


class DaemonSetUpdateStrategy(KubeModel):
    """DaemonSetUpdateStrategy is a struct used to control the update strategy for a DaemonSet."""

    rolling_update: RollingUpdateDaemonSet | None = None
    """Rolling update config params. Present only if type = "RollingUpdate"."""

    type: str | None = None
    """Type of daemon set update. Can be "RollingUpdate" or "OnDelete". Default is RollingUpdate."""


class DeploymentStrategy(KubeModel):
    """DeploymentStrategy describes how to replace existing pods with new ones."""

    rolling_update: RollingUpdateDeployment | None = None
    """Rolling update config params. Present only if DeploymentStrategyType = RollingUpdate."""

    type: str | None = None
    """Type of deployment. Can be "Recreate" or "RollingUpdate". Default is RollingUpdate."""


class DownwardAPIVolumeFile(KubeModel):
    """DownwardAPIVolumeFile represents information to create the file containing the pod field"""

    field_ref: ObjectFieldSelector | None = None
    """Required: Selects a field of the pod: only annotations, labels, name, namespace and uid are supported."""

    mode: int | None = None
    """Optional: mode bits used to set permissions on this file, must be an octal value between 0000 and 0777
    or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal
    values for mode bits. If not specified, the volume defaultMode will be used. This might be in conflict
    with other options that affect the file mode, like fsGroup, and the result can be other mode bits set.
    """

    path: str
    """Required: Path is  the relative path name of the file to be created. Must not be absolute or contain
    the '..' path. Must be utf-8 encoded. The first item of the relative path must not start with '..'
    """

    resource_field_ref: ResourceFieldSelector | None = None
    """Selects a resource of the container: only resources limits and requests (limits.cpu, limits.memory,
    requests.cpu and requests.memory) are currently supported.
    """


class DownwardAPIVolumeSource(KubeModel):
    """DownwardAPIVolumeSource represents a volume containing downward API info. Downward API volumes support
    ownership management and SELinux relabeling.
    """

    default_mode: int | None = None
    """Optional: mode bits to use on created files by default. Must be a Optional: mode bits used to set
    permissions on created files by default. Must be an octal value between 0000 and 0777 or a decimal
    value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for
    mode bits. Defaults to 0644. Directories within the path are not affected by this setting. This might
    be in conflict with other options that affect the file mode, like fsGroup, and the result can be other
    mode bits set.
    """

    items: list[DownwardAPIVolumeFile] | None = None
    """Items is a list of downward API volume file"""


class EnvFromSource(KubeModel):
    """EnvFromSource represents the source of a set of ConfigMaps or Secrets"""

    config_map_ref: ConfigMapEnvSource | None = None
    """The ConfigMap to select from"""

    prefix: str | None = None
    """Optional text to prepend to the name of each environment variable. May consist of any printable ASCII
    characters except '='.
    """

    secret_ref: SecretEnvSource | None = None
    """The Secret to select from"""


class EnvVarSource(KubeModel):
    """EnvVarSource represents a source for the value of an EnvVar."""

    config_map_key_ref: ConfigMapKeySelector | None = None
    """Selects a key of a ConfigMap."""

    field_ref: ObjectFieldSelector | None = None
    """Selects a field of the pod: supports metadata.name, metadata.namespace, `metadata.labels['<KEY>']`,
    `metadata.annotations['<KEY>']`, spec.nodeName, spec.serviceAccountName, status.hostIP, status.podIP,
    status.podIPs.
    """

    file_key_ref: FileKeySelector | None = None
    """FileKeyRef selects a key of the env file. Requires the EnvFiles feature gate to be enabled."""

    resource_field_ref: ResourceFieldSelector | None = None
    """Selects a resource of the container: only resources limits and requests (limits.cpu, limits.memory,
    limits.ephemeral-storage, requests.cpu, requests.memory and requests.ephemeral-storage) are currently
    supported.
    """

    secret_key_ref: SecretKeySelector | None = None
    """Selects a key of a secret in the pod's namespace"""


class Event(KubeObject):
    """Event is a report of an event somewhere in the cluster.  Events have a limited retention time and
    triggers and messages may evolve with time.  Event consumers should not rely on the timing of an event
    with a given Reason reflecting a consistent underlying trigger, or the continued existence of events
    with that Reason.  Events should be treated as informative, best-effort, supplemental data.
    """

    resource: ClassVar[Resource] = Resource("", "v1", "Event", "events", namespaced=True)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["Event"] = "Event"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    action: str | None = None
    """What action was taken/failed regarding to the Regarding object."""

    count: int | None = None
    """The number of times this event has occurred."""

    event_time: MicroTime | None = None
    """Time when this Event was first observed."""

    first_timestamp: Time | None = None
    """The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)"""

    involved_object: ObjectReference
    """The object that this event is about."""

    last_timestamp: Time | None = None
    """The time at which the most recent occurrence of this event was recorded."""

    message: str | None = None
    """A human-readable description of the status of this operation."""

    reason: str | None = None
    """This should be a short, machine understandable string that gives the reason for the transition into the
    object's current status.
    """

    related: ObjectReference | None = None
    """Optional secondary object for more complex actions."""

    reporting_component: str | None = None
    """Name of the controller that emitted this Event, e.g. `kubernetes.io/kubelet`."""

    reporting_instance: str | None = None
    """ID of the controller instance, e.g. `kubelet-xyzf`."""

    series: EventSeries | None = None
    """Data about the Event series this event represents or nil if it's a singleton Event."""

    source: EventSource | None = None
    """The component reporting this event. Should be a short machine understandable string."""

    type: str | None = None
    """Type of this event (Normal, Warning), new types could be added in the future"""


class FlexPersistentVolumeSource(KubeModel):
    """FlexPersistentVolumeSource represents a generic persistent volume resource that is provisioned/attached
    using an exec based plugin.
    """

    driver: str
    """driver is the name of the driver to use for this volume."""

    fs_type: str | None = None
    """fsType is the Filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". The default filesystem depends on FlexVolume script.
    """

    options: dict[str, str] | None = None
    """options is Optional: this field holds extra command options if any."""

    read_only: bool | None = None
    """readOnly is Optional: defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts.
    """

    secret_ref: SecretReference | None = None
    """secretRef is Optional: SecretRef is reference to the secret object containing sensitive information to
    pass to the plugin scripts. This may be empty if no secret object is specified. If the secret object
    contains more than one secret, all secrets are passed to the plugin scripts.
    """


class FlexVolumeSource(KubeModel):
    """FlexVolume represents a generic volume resource that is provisioned/attached using an exec based
    plugin.
    """

    driver: str
    """driver is the name of the driver to use for this volume."""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". The default filesystem depends on FlexVolume script.
    """

    options: dict[str, str] | None = None
    """options is Optional: this field holds extra command options if any."""

    read_only: bool | None = None
    """readOnly is Optional: defaults to false (read/write). ReadOnly here will force the ReadOnly setting in
    VolumeMounts.
    """

    secret_ref: LocalObjectReference | None = None
    """secretRef is Optional: secretRef is reference to the secret object containing sensitive information to
    pass to the plugin scripts. This may be empty if no secret object is specified. If the secret object
    contains more than one secret, all secrets are passed to the plugin scripts.
    """


class HTTPGetAction(KubeModel):
    """HTTPGetAction describes an action based on HTTP Get requests."""

    host: str | None = None
    """Host name to connect to, defaults to the pod IP. You probably want to set "Host" in httpHeaders
    instead.
    """

    http_headers: list[HTTPHeader] | None = None
    """Custom headers to set in the request. HTTP allows repeated headers."""

    path: str | None = None
    """Path to access on the HTTP server."""

    port: IntOrString
    """Name or number of the port to access on the container. Number must be in the range 1 to 65535. Name
    must be an IANA_SVC_NAME.
    """

    scheme: str | None = None
    """Scheme to use for connecting to the host. Defaults to HTTP."""


class ISCSIPersistentVolumeSource(KubeModel):
    """ISCSIPersistentVolumeSource represents an ISCSI disk. ISCSI volumes can only be mounted as read/write
    once. ISCSI volumes support ownership management and SELinux relabeling.
    """

    chap_auth_discovery: bool | None = None
    """chapAuthDiscovery defines whether support iSCSI Discovery CHAP authentication"""

    chap_auth_session: bool | None = None
    """chapAuthSession defines whether support iSCSI Session CHAP authentication"""

    fs_type: str | None = None
    """fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem
    type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to
    be "ext4" if unspecified. More info: https://kubernetes.io/docs/concepts/storage/volumes#iscsi
    """

    initiator_name: str | None = None
    """initiatorName is the custom iSCSI Initiator Name. If initiatorName is specified with iscsiInterface
    simultaneously, new iSCSI interface <target portal>:<volume name> will be created for the connection.
    """

    iqn: str
    """iqn is Target iSCSI Qualified Name."""

    iscsi_interface: str | None = None
    """iscsiInterface is the interface Name that uses an iSCSI transport. Defaults to 'default' (tcp)."""

    lun: int
    """lun is iSCSI Target Lun number."""

    portals: list[str] | None = None
    """portals is the iSCSI Target Portal List. The Portal is either an IP or ip_addr:port if the port is
    other than default (typically TCP ports 860 and 3260).
    """

    read_only: bool | None = None
    """readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false."""

    secret_ref: SecretReference | None = None
    """secretRef is the CHAP Secret for iSCSI target and initiator authentication"""

    target_portal: str
    """targetPortal is iSCSI Target Portal. The Portal is either an IP or ip_addr:port if the port is other
    than default (typically TCP ports 860 and 3260).
    """


class ISCSIVolumeSource(KubeModel):
    """Represents an ISCSI disk. ISCSI volumes can only be mounted as read/write once. ISCSI volumes support
    ownership management and SELinux relabeling.
    """

    chap_auth_discovery: bool | None = None
    """chapAuthDiscovery defines whether support iSCSI Discovery CHAP authentication"""

    chap_auth_session: bool | None = None
    """chapAuthSession defines whether support iSCSI Session CHAP authentication"""

    fs_type: str | None = None
    """fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem
    type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to
    be "ext4" if unspecified. More info: https://kubernetes.io/docs/concepts/storage/volumes#iscsi
    """

    initiator_name: str | None = None
    """initiatorName is the custom iSCSI Initiator Name. If initiatorName is specified with iscsiInterface
    simultaneously, new iSCSI interface <target portal>:<volume name> will be created for the connection.
    """

    iqn: str
    """iqn is the target iSCSI Qualified Name."""

    iscsi_interface: str | None = None
    """iscsiInterface is the interface Name that uses an iSCSI transport. Defaults to 'default' (tcp)."""

    lun: int
    """lun represents iSCSI Target Lun number."""

    portals: list[str] | None = None
    """portals is the iSCSI Target Portal List. The portal is either an IP or ip_addr:port if the port is
    other than default (typically TCP ports 860 and 3260).
    """

    read_only: bool | None = None
    """readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false."""

    secret_ref: LocalObjectReference | None = None
    """secretRef is the CHAP Secret for iSCSI target and initiator authentication"""

    target_portal: str
    """targetPortal is iSCSI Target Portal. The Portal is either an IP or ip_addr:port if the port is other
    than default (typically TCP ports 860 and 3260).
    """


class JobStatus(KubeModel):
    """JobStatus represents the current state of a Job."""

    active: int | None = None
    """The number of pending and running pods which are not terminating (without a deletionTimestamp). The
    value is zero for finished jobs.
    """

    completed_indexes: str | None = None
    """completedIndexes holds the completed indexes when .spec.completionMode = "Indexed" in a text format.
    The indexes are represented as decimal integers separated by commas. The numbers are listed in
    increasing order. Three or more consecutive numbers are compressed and represented by the first and
    last element of the series, separated by a hyphen. For example, if the completed indexes are 1, 3, 4, 5
    and 7, they are represented as "1,3-5,7".
    """

    completion_time: Time | None = None
    """Represents time when the job was completed. It is not guaranteed to be set in happens-before order
    across separate operations. It is represented in RFC3339 form and is in UTC. The completion time is set
    when the job finishes successfully, and only then. The value cannot be updated or removed. The value
    indicates the same or later point in time as the startTime field.
    """

    conditions: list[JobCondition] | None = None
    """The latest available observations of an object's current state. When a Job fails, one of the conditions
    will have type "Failed" and status true. When a Job is suspended, one of the conditions will have type
    "Suspended" and status true; when the Job is resumed, the status of this condition will become false.
    When a Job is completed, one of the conditions will have type "Complete" and status true.

    A job is considered finished when it is in a terminal condition, either "Complete" or "Failed". A Job
    cannot have both the "Complete" and "Failed" conditions. Additionally, it cannot be in the "Complete"
    and "FailureTarget" conditions. The "Complete", "Failed" and "FailureTarget" conditions cannot be
    disabled.

    More info: https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/
    """

    failed: int | None = None
    """The number of pods which reached phase Failed. The value increases monotonically."""

    failed_indexes: str | None = None
    """FailedIndexes holds the failed indexes when spec.backoffLimitPerIndex is set. The indexes are
    represented in the text format analogous as for the `completedIndexes` field, ie. they are kept as
    decimal integers separated by commas. The numbers are listed in increasing order. Three or more
    consecutive numbers are compressed and represented by the first and last element of the series,
    separated by a hyphen. For example, if the failed indexes are 1, 3, 4, 5 and 7, they are represented as
    "1,3-5,7". The set of failed indexes cannot overlap with the set of completed indexes.
    """

    ready: int | None = None
    """The number of active pods which have a Ready condition and are not terminating (without a
    deletionTimestamp).
    """

    start_time: Time | None = None
    """Represents time when the job controller started processing a job. When a Job is created in the
    suspended state, this field is not set until the first time it is resumed. This field is reset every
    time a Job is resumed from suspension. It is represented in RFC3339 form and is in UTC.

    Once set, the field can only be removed when the job is suspended. The field cannot be modified while
    the job is unsuspended or finished.
    """

    succeeded: int | None = None
    """The number of pods which reached phase Succeeded. The value increases monotonically for a given spec.
    However, it may decrease in reaction to scale down of elastic indexed jobs.
    """

    terminating: int | None = None
    """The number of pods which are terminating (in phase Pending or Running and have a deletionTimestamp).

    This field is beta-level. The job controller populates the field when the feature gate
    JobPodReplacementPolicy is enabled (enabled by default).
    """

    uncounted_terminated_pods: UncountedTerminatedPods | None = None
    """uncountedTerminatedPods holds the UIDs of Pods that have terminated but the job controller hasn't yet
    accounted for in the status counters.

    The job controller creates pods with a finalizer. When a pod terminates (succeeded or failed), the
    controller does three steps to account for it in the job status:

    1. Add the pod UID to the arrays in this field. 2. Remove the pod finalizer. 3. Remove the pod UID from
    the arrays while increasing the corresponding
        counter.

    Old jobs might not be tracked using this field, in which case the field remains null. The structure is
    empty for finished jobs.
    """


class LabelSelector(KubeModel):
    """A label selector is a label query over a set of resources. The result of matchLabels and
    matchExpressions are ANDed. An empty label selector matches all objects. A null label selector matches
    no objects.
    """

    match_expressions: list[LabelSelectorRequirement] | None = None
    """matchExpressions is a list of label selector requirements. The requirements are ANDed."""

    match_labels: dict[str, str] | None = None
    """matchLabels is a map of {key,value} pairs. A single {key,value} in the matchLabels map is equivalent to
    an element of matchExpressions, whose key field is "key", the operator is "In", and the values array
    contains only "value". The requirements are ANDed.
    """


class Lease(KubeObject):
    """Lease defines a lease concept."""

    resource: ClassVar[Resource] = Resource("coordination.k8s.io", "v1", "Lease", "leases", namespaced=True)

    api_version: Literal["coordination.k8s.io/v1"] = "coordination.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["Lease"] = "Lease"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: LeaseSpec | None = None
    """spec contains the specification of the Lease. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class LifecycleHandler(KubeModel):
    """LifecycleHandler defines a specific action that should be taken in a lifecycle hook. One and only one
    of the fields, except TCPSocket must be specified.
    """

    exec: ExecAction | None = None
    """Exec specifies a command to execute in the container."""

    http_get: HTTPGetAction | None = None
    """HTTPGet specifies an HTTP GET request to perform."""

    sleep: SleepAction | None = None
    """Sleep represents a duration that the container should sleep."""

    tcp_socket: TCPSocketAction | None = None
    """Deprecated. TCPSocket is NOT supported as a LifecycleHandler and kept for backward compatibility. There
    is no validation of this field and lifecycle hooks will fail at runtime when it is specified.
    """


class LoadBalancerIngress(KubeModel):
    """LoadBalancerIngress represents the status of a load-balancer ingress point: traffic intended for the
    service should be sent to an ingress point.
    """

    hostname: str | None = None
    """Hostname is set for load-balancer ingress points that are DNS based (typically AWS load-balancers)"""

    ip: str | None = None
    """IP is set for load-balancer ingress points that are IP based (typically GCE or OpenStack
    load-balancers)
    """

    ip_mode: str | None = None
    """IPMode specifies how the load-balancer IP behaves, and may only be specified when the ip field is
    specified. Setting this to "VIP" indicates that traffic is delivered to the node with the destination
    set to the load-balancer's IP and port. Setting this to "Proxy" indicates that traffic is delivered to
    the node or pod with the destination set to the node's IP and node port or the pod's IP and port.
    Service implementations may use this information to adjust traffic routing.
    """

    ports: list[PortStatus] | None = None
    """Ports is a list of records of service ports If used, every port defined in the service should have an
    entry in it
    """


class LoadBalancerStatus(KubeModel):
    """LoadBalancerStatus represents the status of a load-balancer."""

    ingress: list[LoadBalancerIngress] | None = None
    """Ingress is a list containing ingress points for the load-balancer. Traffic intended for the service
    should be sent to these ingress points.
    """


class MatchResources(KubeModel):
    """MatchResources decides whether to run the admission control policy on an object based on whether it
    meets the match criteria. The exclude rules take precedence over include rules (if a resource matches
    both, it is excluded)
    """

    exclude_resource_rules: list[NamedRuleWithOperations] | None = None
    """excludeResourceRules describes what operations on what resources/subresources the
    ValidatingAdmissionPolicy should not care about. The exclude rules take precedence over include rules
    (if a resource matches both, it is excluded)
    """

    match_policy: str | None = None
    """matchPolicy defines how the "MatchResources" list is used to match incoming requests. Allowed values
    are "Exact" or "Equivalent".

    - Exact: match a request only if it exactly matches a specified rule. For example, if deployments can
    be modified via apps/v1, apps/v1beta1, and extensions/v1beta1, but "rules" only included
    `apiGroups:["apps"], apiVersions:["v1"], resources: ["deployments"]`, a request to apps/v1beta1 or
    extensions/v1beta1 would not be sent to the ValidatingAdmissionPolicy.

    - Equivalent: match a request if modifies a resource listed in rules, even via another API group or
    version. For example, if deployments can be modified via apps/v1, apps/v1beta1, and extensions/v1beta1,
    and "rules" only included `apiGroups:["apps"], apiVersions:["v1"], resources: ["deployments"]`, a
    request to apps/v1beta1 or extensions/v1beta1 would be converted to apps/v1 and sent to the
    ValidatingAdmissionPolicy.

    Defaults to "Equivalent"
    """

    namespace_selector: LabelSelector | None = None
    """namespaceSelector decides whether to run the admission control policy on an object based on whether the
    namespace for that object matches the selector. If the object itself is a namespace, the matching is
    performed on object.metadata.labels. If the object is another cluster scoped resource, it never skips
    the policy.

    For example, to run the webhook on any objects whose namespace is not associated with "runlevel" of "0"
    or "1";  you will set the selector as follows: "namespaceSelector": {
      "matchExpressions": [
        {
          "key": "runlevel",
          "operator": "NotIn",
          "values": [
            "0",
            "1"
          ]
        }
      ]
    }

    If instead you want to only run the policy on any objects whose namespace is associated with the
    "environment" of "prod" or "staging"; you will set the selector as follows: "namespaceSelector": {
      "matchExpressions": [
        {
          "key": "environment",
          "operator": "In",
          "values": [
            "prod",
            "staging"
          ]
        }
      ]
    }

    See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ for more examples of
    label selectors.

    Default to the empty LabelSelector, which matches everything.
    """

    object_selector: LabelSelector | None = None
    """objectSelector decides whether to run the validation based on if the object has matching labels.
    objectSelector is evaluated against both the oldObject and newObject that would be sent to the cel
    validation, and is considered to match if either object matches the selector. A null object (oldObject
    in the case of create, or newObject in the case of delete) or an object that cannot have labels (like a
    DeploymentRollback or a PodProxyOptions object) is not considered to match. Use the object selector
    only if the webhook is opt-in, because end users may skip the admission webhook by setting the labels.
    Default to the empty LabelSelector, which matches everything.
    """

    resource_rules: list[NamedRuleWithOperations] | None = None
    """resourceRules describes what operations on what resources/subresources the ValidatingAdmissionPolicy
    matches. The policy cares about an operation if it matches _any_ Rule.
    """


class MutatingAdmissionPolicySpec(KubeModel):
    """MutatingAdmissionPolicySpec defines the desired behavior of the admission policy."""

    failure_policy: str | None = None
    """failurePolicy defines how to handle failures for the admission policy. Failures can occur from CEL
    expression parse errors, type check errors, runtime errors and invalid or mis-configured policy
    definitions or bindings.

    A policy is invalid if paramKind refers to a non-existent Kind. A binding is invalid if paramRef.name
    refers to a non-existent resource.

    failurePolicy does not define how validations that evaluate to false are handled.

    Allowed values are Ignore or Fail. Defaults to Fail.
    """

    match_conditions: list[MatchCondition] | None = None
    """matchConditions is a list of conditions that must be met for a request to be validated. Match
    conditions filter requests that have already been matched by the matchConstraints. An empty list of
    matchConditions matches all requests. There are a maximum of 64 match conditions allowed.

    If a parameter object is provided, it can be accessed via the `params` handle in the same manner as
    validation expressions.

    The exact matching logic is (in order):
      1. If ANY matchCondition evaluates to FALSE, the policy is skipped.
      2. If ALL matchConditions evaluate to TRUE, the policy is evaluated.
      3. If any matchCondition evaluates to an error (but none are FALSE):
         - If failurePolicy=Fail, reject the request
         - If failurePolicy=Ignore, the policy is skipped
    """

    match_constraints: MatchResources | None = None
    """matchConstraints specifies what resources this policy is designed to validate. The
    MutatingAdmissionPolicy cares about a request if it matches _all_ Constraints. However, in order to
    prevent clusters from being put into an unstable state that cannot be recovered from via the API
    MutatingAdmissionPolicy cannot match MutatingAdmissionPolicy and MutatingAdmissionPolicyBinding. The
    CREATE, UPDATE and CONNECT operations are allowed.  The DELETE operation may not be matched. '*'
    matches CREATE, UPDATE and CONNECT. Required.
    """

    mutations: list[Mutation] | None = None
    """mutations contain operations to perform on matching objects. mutations may not be empty; a minimum of
    one mutation is required. mutations are evaluated in order, and are reinvoked according to the
    reinvocationPolicy. The mutations of a policy are invoked for each binding of this policy and
    reinvocation of mutations occurs on a per binding basis.
    """

    param_kind: ParamKind | None = None
    """paramKind specifies the kind of resources used to parameterize this policy. If absent, there are no
    parameters for this policy and the param CEL variable will not be provided to validation expressions.
    If paramKind refers to a non-existent kind, this policy definition is mis-configured and the
    FailurePolicy is applied. If paramKind is specified but paramRef is unset in
    MutatingAdmissionPolicyBinding, the params variable will be null.
    """

    reinvocation_policy: str | None = None
    """reinvocationPolicy indicates whether mutations may be called multiple times per
    MutatingAdmissionPolicyBinding as part of a single admission evaluation. Allowed values are "Never" and
    "IfNeeded".

    Never: These mutations will not be called more than once per binding in a single admission evaluation.

    IfNeeded: These mutations may be invoked more than once per binding for a single admission request and
    there is no guarantee of order with respect to other admission plugins, admission webhooks, bindings of
    this policy and admission policies.  Mutations are only reinvoked when mutations change the object
    after this mutation is invoked. Required.
    """

    variables: list[Variable] | None = None
    """variables contain definitions of variables that can be used in composition of other expressions. Each
    variable is defined as a named CEL expression. The variables defined here will be available under
    `variables` in other expressions of the policy except matchConditions because matchConditions are
    evaluated before the rest of the policy.

    The expression of a variable can refer to other variables defined earlier in the list but not those
    after. Thus, variables must be sorted by the order of first appearance and acyclic.
    """


class Namespace(KubeObject):
    """Namespace provides a scope for Names. Use of multiple namespaces is optional."""

    resource: ClassVar[Resource] = Resource("", "v1", "Namespace", "namespaces", namespaced=False)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["Namespace"] = "Namespace"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: NamespaceSpec | None = None
    """Spec defines the behavior of the Namespace. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: NamespaceStatus | None = None
    """Status describes the current status of a Namespace. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class NodeRuntimeHandler(KubeModel):
    """NodeRuntimeHandler is a set of runtime handler information."""

    features: NodeRuntimeHandlerFeatures | None = None
    """Supported features."""

    name: str | None = None
    """Runtime handler name. Empty for the default runtime handler."""


class NodeSelector(KubeModel):
    """A node selector represents the union of the results of one or more label queries over a set of nodes;
    that is, it represents the OR of the selectors represented by the node selector terms.
    """

    node_selector_terms: list[NodeSelectorTerm]
    """Required. A list of node selector terms. The terms are ORed."""


class NodeSpec(KubeModel):
    """NodeSpec describes the attributes that a node is created with."""

    config_source: NodeConfigSource | None = None
    """Deprecated: Previously used to specify the source of the node's configuration for the
    DynamicKubeletConfig feature. This feature is removed.
    """

    external_id: Annotated[str | None, Field(alias="externalID")] = None
    """Deprecated. Not all kubelets will set this field. Remove field after 1.13. see:
    https://issues.k8s.io/61966
    """

    pod_cidr: Annotated[str | None, Field(alias="podCIDR")] = None
    """PodCIDR represents the pod IP range assigned to the node."""

    pod_cid_rs: Annotated[list[str] | None, Field(alias="podCIDRs")] = None
    """podCIDRs represents the IP ranges assigned to the node for usage by Pods on that node. If this field is
    specified, the 0th entry must match the podCIDR field. It may contain at most 1 value for each of IPv4
    and IPv6.
    """

    provider_id: Annotated[str | None, Field(alias="providerID")] = None
    """ID of the node assigned by the cloud provider in the format: <ProviderName>://<ProviderSpecificNodeID>"""

    taints: list[Taint] | None = None
    """If specified, the node's taints."""

    unschedulable: bool | None = None
    """Unschedulable controls node schedulability of new pods. By default, node is schedulable. More info:
    https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration
    """


class NodeStatus(KubeModel):
    """NodeStatus is information about the current status of a node."""

    addresses: list[NodeAddress] | None = None
    """List of addresses reachable to the node. Queried from cloud provider, if available. More info:
    https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as
    mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is
    merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an
    example. Consumers should assume that addresses can change during the lifetime of a Node. However,
    there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in
    its own status or consumers of the downward API (status.hostIP).
    """

    allocatable: dict[str, Quantity] | None = None
    """Allocatable represents the resources of a node that are available for scheduling. Defaults to Capacity."""

    capacity: dict[str, Quantity] | None = None
    """Capacity represents the total resources of a node. More info:
    https://kubernetes.io/docs/reference/node/node-status/#capacity
    """

    conditions: list[NodeCondition] | None = None
    """Conditions is an array of current observed node conditions. More info:
    https://kubernetes.io/docs/reference/node/node-status/#condition
    """

    config: NodeConfigStatus | None = None
    """Status of the config assigned to the node via the dynamic Kubelet config feature."""

    daemon_endpoints: NodeDaemonEndpoints | None = None
    """Endpoints of daemons running on the Node."""

    declared_features: list[str] | None = None
    """DeclaredFeatures represents the features related to feature gates that are declared by the node."""

    features: NodeFeatures | None = None
    """Features describes the set of features implemented by the CRI implementation."""

    images: list[ContainerImage] | None = None
    """List of container images on this node"""

    node_info: NodeSystemInfo | None = None
    """Set of ids/uuids to uniquely identify the node. More info:
    https://kubernetes.io/docs/reference/node/node-status/#info
    """

    phase: str | None = None
    """NodePhase is the recently observed lifecycle phase of the node. More info:
    https://kubernetes.io/docs/concepts/nodes/node/#phase The field is never populated, and now is
    deprecated.
    """

    runtime_handlers: list[NodeRuntimeHandler] | None = None
    """The available runtime handlers."""

    volumes_attached: list[AttachedVolume] | None = None
    """List of volumes that are attached to the node."""

    volumes_in_use: list[str] | None = None
    """List of attachable volumes in use (mounted) by the node."""


class ParamRef(KubeModel):
    """ParamRef describes how to locate the params to be used as input to expressions of rules applied by a
    policy binding.
    """

    name: str | None = None
    """name is the name of the resource being referenced.

    One of `name` or `selector` must be set, but `name` and `selector` are mutually exclusive properties.
    If one is set, the other must be unset.

    A single parameter used for all admission requests can be configured by setting the `name` field,
    leaving `selector` blank, and setting namespace if `paramKind` is namespace-scoped.
    """

    namespace: str | None = None
    """namespace is the namespace of the referenced resource. Allows limiting the search for params to a
    specific namespace. Applies to both `name` and `selector` fields.

    A per-namespace parameter may be used by specifying a namespace-scoped `paramKind` in the policy and
    leaving this field empty.

    - If `paramKind` is cluster-scoped, this field MUST be unset. Setting this field results in a
    configuration error.

    - If `paramKind` is namespace-scoped, the namespace of the object being evaluated for admission will be
    used when this field is left unset. Take care that if this is left empty the binding must not match any
    cluster-scoped resources, which will result in an error.
    """

    parameter_not_found_action: str | None = None
    """parameterNotFoundAction controls the behavior of the binding when the resource exists, and name or
    selector is valid, but there are no parameters matched by the binding. If the value is set to `Allow`,
    then no matched parameters will be treated as successful validation by the binding. If set to `Deny`,
    then no matched parameters will be subject to the `failurePolicy` of the policy.

    Allowed values are `Allow` or `Deny`

    Required
    """

    selector: LabelSelector | None = None
    """selector can be used to match multiple param objects based on their labels. Supply selector: {} to
    match all resources of the ParamKind.

    If multiple params are found, they are all evaluated with the policy expressions and the results are
    ANDed together.

    One of `name` or `selector` must be set, but `name` and `selector` are mutually exclusive properties.
    If one is set, the other must be unset.
    """


class PersistentVolumeClaimSpec(KubeModel):
    """PersistentVolumeClaimSpec describes the common attributes of storage devices and allows a Source for
    provider-specific attributes
    """

    access_modes: list[str] | None = None
    """accessModes contains the desired access modes the volume should have. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1
    """

    data_source: TypedLocalObjectReference | None = None
    """dataSource field can be used to specify either: * An existing VolumeSnapshot object
    (snapshot.storage.k8s.io/VolumeSnapshot) * An existing PVC (PersistentVolumeClaim) If the provisioner
    or an external controller can support the specified data source, it will create a new volume based on
    the contents of the specified data source. When the AnyVolumeDataSource feature gate is enabled,
    dataSource contents will be copied to dataSourceRef, and dataSourceRef contents will be copied to
    dataSource when dataSourceRef.namespace is not specified. If the namespace is specified, then
    dataSourceRef will not be copied to dataSource.
    """

    data_source_ref: TypedObjectReference | None = None
    """dataSourceRef specifies the object from which to populate the volume with data, if a non-empty volume
    is desired. This may be any object from a non-empty API group (non core object) or a
    PersistentVolumeClaim object. When this field is specified, volume binding will only succeed if the
    type of the specified object matches some installed volume populator or dynamic provisioner. This field
    will replace the functionality of the dataSource field and as such if both fields are non-empty, they
    must have the same value. For backwards compatibility, when namespace isn't specified in dataSourceRef,
    both fields (dataSource and dataSourceRef) will be set to the same value automatically if one of them
    is empty and the other is non-empty. When namespace is specified in dataSourceRef, dataSource isn't set
    to the same value and must be empty. There are three important differences between dataSource and
    dataSourceRef: * While dataSource only allows two specific types of objects, dataSourceRef
      allows any non-core object, as well as PersistentVolumeClaim objects.
    * While dataSource ignores disallowed values (dropping them), dataSourceRef
      preserves all values, and generates an error if a disallowed value is
      specified.
    * While dataSource only allows local objects, dataSourceRef allows objects
      in any namespaces.
    (Beta) Using this field requires the AnyVolumeDataSource feature gate to be enabled. (Alpha) Using the
    namespace field of dataSourceRef requires the CrossNamespaceVolumeDataSource feature gate to be
    enabled.
    """

    resources: VolumeResourceRequirements | None = None
    """resources represents the minimum resources the volume should have. Users are allowed to specify
    resource requirements that are lower than previous value but must still be higher than capacity
    recorded in the status field of the claim. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#resources
    """

    selector: LabelSelector | None = None
    """selector is a label query over volumes to consider for binding."""

    storage_class_name: str | None = None
    """storageClassName is the name of the StorageClass required by the claim. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#class-1
    """

    volume_attributes_class_name: str | None = None
    """volumeAttributesClassName may be used to set the VolumeAttributesClass used by this claim. If
    specified, the CSI driver will create or update the volume with the attributes defined in the
    corresponding VolumeAttributesClass. This has a different purpose than storageClassName, it can be
    changed after the claim is created. An empty string or nil value indicates that no
    VolumeAttributesClass will be applied to the claim. If the claim enters an Infeasible error state, this
    field can be reset to its previous value (including nil) to cancel the modification. If the resource
    referred to by volumeAttributesClass does not exist, this PersistentVolumeClaim will be set to a
    Pending state, as reflected by the modifyVolumeStatus field, until such as a resource exists. More
    info: https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/
    """

    volume_mode: str | None = None
    """volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when
    not included in claim spec.
    """

    volume_name: str | None = None
    """volumeName is the binding reference to the PersistentVolume backing this claim."""


class PersistentVolumeClaimTemplate(KubeModel):
    """PersistentVolumeClaimTemplate is used to produce PersistentVolumeClaim objects as part of an
    EphemeralVolumeSource.
    """

    metadata: ObjectMeta | None = None
    """May contain labels and annotations that will be copied into the PVC when creating it. No other fields
    are allowed and will be rejected during validation.
    """

    spec: PersistentVolumeClaimSpec
    """The specification for the PersistentVolumeClaim. The entire content is copied unchanged into the PVC
    that gets created from this template. The same fields as in a PersistentVolumeClaim are also valid
    here.
    """


class PodAffinityTerm(KubeModel):
    """Defines a set of pods (namely those matching the labelSelector relative to the given namespace(s)) that
    this pod should be co-located (affinity) or not co-located (anti-affinity) with, where co-located is
    defined as running on a node whose value of the label with key <topologyKey> matches that of any node
    on which a pod of the set of pods is running
    """

    label_selector: LabelSelector | None = None
    """A label query over a set of resources, in this case pods. If it's null, this PodAffinityTerm matches
    with no Pods.
    """

    match_label_keys: list[str] | None = None
    """MatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration. The
    keys are used to lookup values from the incoming pod labels, those key-value labels are merged with
    `labelSelector` as `key in (value)` to select the group of existing pods which pods will be taken into
    consideration for the incoming pod's pod (anti) affinity. Keys that don't exist in the incoming pod
    labels will be ignored. The default value is empty. The same key is forbidden to exist in both
    matchLabelKeys and labelSelector. Also, matchLabelKeys cannot be set when labelSelector isn't set.
    """

    mismatch_label_keys: list[str] | None = None
    """MismatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration. The
    keys are used to lookup values from the incoming pod labels, those key-value labels are merged with
    `labelSelector` as `key notin (value)` to select the group of existing pods which pods will be taken
    into consideration for the incoming pod's pod (anti) affinity. Keys that don't exist in the incoming
    pod labels will be ignored. The default value is empty. The same key is forbidden to exist in both
    mismatchLabelKeys and labelSelector. Also, mismatchLabelKeys cannot be set when labelSelector isn't
    set.
    """

    namespace_selector: LabelSelector | None = None
    """A label query over the set of namespaces that the term applies to. The term is applied to the union of
    the namespaces selected by this field and the ones listed in the namespaces field. null selector and
    null or empty namespaces list means "this pod's namespace". An empty selector ({}) matches all
    namespaces.
    """

    namespaces: list[str] | None = None
    """namespaces specifies a static list of namespace names that the term applies to. The term is applied to
    the union of the namespaces listed in this field and the ones selected by namespaceSelector. null or
    empty namespaces list and null namespaceSelector means "this pod's namespace".
    """

    topology_key: str
    """This pod should be co-located (affinity) or not co-located (anti-affinity) with the pods matching the
    labelSelector in the specified namespaces, where co-located is defined as running on a node whose value
    of the label with key topologyKey matches that of any node on which any of the selected pods is
    running. Empty topologyKey is not allowed.
    """


class PodDNSConfig(KubeModel):
    """PodDNSConfig defines the DNS parameters of a pod in addition to those generated from DNSPolicy."""

    nameservers: list[str] | None = None
    """A list of DNS name server IP addresses. This will be appended to the base nameservers generated from
    DNSPolicy. Duplicated nameservers will be removed.
    """

    options: list[PodDNSConfigOption] | None = None
    """A list of DNS resolver options. This will be merged with the base options generated from DNSPolicy.
    Duplicated entries will be removed. Resolution options given in Options will override those that appear
    in the base DNSPolicy.
    """

    searches: list[str] | None = None
    """A list of DNS search domains for host-name lookup. This will be appended to the base search paths
    generated from DNSPolicy. Duplicated search paths will be removed.
    """


class PodFailurePolicy(KubeModel):
    """PodFailurePolicy describes how failed pods influence the backoffLimit."""

    rules: list[PodFailurePolicyRule]
    """A list of pod failure policy rules. The rules are evaluated in order. Once a rule matches a Pod
    failure, the remaining of the rules are ignored. When no rule matches the Pod failure, the default
    handling applies - the counter of pod failures is incremented and it is checked against the
    backoffLimit. At most 20 elements are allowed.
    """


class PodSecurityContext(KubeModel):
    """PodSecurityContext holds pod-level security attributes and common container settings. Some fields are
    also present in container.securityContext.  Field values of container.securityContext take precedence
    over field values of PodSecurityContext.
    """

    app_armor_profile: AppArmorProfile | None = None
    """appArmorProfile is the AppArmor options to use by the containers in this pod. Note that this field
    cannot be set when spec.os.name is windows.
    """

    fs_group: int | None = None
    """A special supplemental group that applies to all containers in a pod. Some volume types allow the
    Kubelet to change the ownership of that volume to be owned by the pod:

    1. The owning GID will be the FSGroup 2. The setgid bit is set (new files created in the volume will be
    owned by FSGroup) 3. The permission bits are OR'd with rw-rw----

    If unset, the Kubelet will not modify the ownership and permissions of any volume. Note that this field
    cannot be set when spec.os.name is windows.
    """

    fs_group_change_policy: str | None = None
    """fsGroupChangePolicy defines behavior of changing ownership and permission of the volume before being
    exposed inside Pod. This field will only apply to volume types which support fsGroup based
    ownership(and permissions). It will have no effect on ephemeral volume types such as: secret,
    configmaps and emptydir. Valid values are "OnRootMismatch" and "Always". If not specified, "Always" is
    used. Note that this field cannot be set when spec.os.name is windows.
    """

    run_as_group: int | None = None
    """The GID to run the entrypoint of the container process. Uses runtime default if unset. May also be set
    in SecurityContext.  If set in both SecurityContext and PodSecurityContext, the value specified in
    SecurityContext takes precedence for that container. Note that this field cannot be set when
    spec.os.name is windows.
    """

    run_as_non_root: bool | None = None
    """Indicates that the container must run as a non-root user. If true, the Kubelet will validate the image
    at runtime to ensure that it does not run as UID 0 (root) and fail to start the container if it does.
    If unset or false, no such validation will be performed. May also be set in SecurityContext.  If set in
    both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence.
    """

    run_as_user: int | None = None
    """The UID to run the entrypoint of the container process. Defaults to user specified in image metadata if
    unspecified. May also be set in SecurityContext.  If set in both SecurityContext and
    PodSecurityContext, the value specified in SecurityContext takes precedence for that container. Note
    that this field cannot be set when spec.os.name is windows.
    """

    se_linux_change_policy: str | None = None
    """seLinuxChangePolicy defines how the container's SELinux label is applied to all volumes used by the
    Pod. It has no effect on nodes that do not support SELinux or to volumes does not support SELinux.
    Valid values are "MountOption" and "Recursive".

    "Recursive" means relabeling of all files on all Pod volumes by the container runtime. This may be slow
    for large volumes, but allows mixing privileged and unprivileged Pods sharing the same volume on the
    same node.

    "MountOption" mounts all eligible Pod volumes with `-o context` mount option. This requires all Pods
    that share the same volume to use the same SELinux label. It is not possible to share the same volume
    among privileged and unprivileged Pods. Eligible volumes are in-tree FibreChannel and iSCSI volumes,
    and all CSI volumes whose CSI driver announces SELinux support by setting spec.seLinuxMount: true in
    their CSIDriver instance. Other volumes are always re-labelled recursively. "MountOption" value is
    allowed only when SELinuxMount feature gate is enabled.

    If not specified and SELinuxMount feature gate is enabled, "MountOption" is used. If not specified and
    SELinuxMount feature gate is disabled, "MountOption" is used for ReadWriteOncePod volumes and
    "Recursive" for all other volumes.

    This field affects only Pods that have SELinux label set, either in PodSecurityContext or in
    SecurityContext of all containers.

    All Pods that use the same volume should use the same seLinuxChangePolicy, otherwise some pods can get
    stuck in ContainerCreating state. Note that this field cannot be set when spec.os.name is windows.
    """

    se_linux_options: SELinuxOptions | None = None
    """The SELinux context to be applied to all containers. If unspecified, the container runtime will
    allocate a random SELinux context for each container.  May also be set in SecurityContext.  If set in
    both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence
    for that container. Note that this field cannot be set when spec.os.name is windows.
    """

    seccomp_profile: SeccompProfile | None = None
    """The seccomp options to use by the containers in this pod. Note that this field cannot be set when
    spec.os.name is windows.
    """

    supplemental_groups: list[int] | None = None
    """A list of groups applied to the first process run in each container, in addition to the container's
    primary GID and fsGroup (if specified).  If the SupplementalGroupsPolicy feature is enabled, the
    supplementalGroupsPolicy field determines whether these are in addition to or instead of any group
    memberships defined in the container image. If unspecified, no additional groups are added, though
    group memberships defined in the container image may still be used, depending on the
    supplementalGroupsPolicy field. Note that this field cannot be set when spec.os.name is windows.
    """

    supplemental_groups_policy: str | None = None
    """Defines how supplemental groups of the first container processes are calculated. Valid values are
    "Merge" and "Strict". If not specified, "Merge" is used. (Alpha) Using the field requires the
    SupplementalGroupsPolicy feature gate to be enabled and the container runtime must implement support
    for this feature. Note that this field cannot be set when spec.os.name is windows.
    """

    sysctls: list[Sysctl] | None = None
    """Sysctls hold a list of namespaced sysctls used for the pod. Pods with unsupported sysctls (by the
    container runtime) might fail to launch. Note that this field cannot be set when spec.os.name is
    windows.
    """

    windows_options: WindowsSecurityContextOptions | None = None
    """The Windows specific settings applied to all containers. If unspecified, the options within a
    container's SecurityContext will be used. If set in both SecurityContext and PodSecurityContext, the
    value specified in SecurityContext takes precedence. Note that this field cannot be set when
    spec.os.name is linux.
    """


class Probe(KubeModel):
    """Probe describes a health check to be performed against a container to determine whether it is alive or
    ready to receive traffic.
    """

    exec: ExecAction | None = None
    """Exec specifies a command to execute in the container."""

    failure_threshold: int | None = None
    """Minimum consecutive failures for the probe to be considered failed after having succeeded. Defaults to
    3. Minimum value is 1.
    """

    grpc: GRPCAction | None = None
    """GRPC specifies a GRPC HealthCheckRequest."""

    http_get: HTTPGetAction | None = None
    """HTTPGet specifies an HTTP GET request to perform."""

    initial_delay_seconds: int | None = None
    """Number of seconds after the container has started before liveness probes are initiated. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
    """

    period_seconds: int | None = None
    """How often (in seconds) to perform the probe. Default to 10 seconds. Minimum value is 1."""

    success_threshold: int | None = None
    """Minimum consecutive successes for the probe to be considered successful after having failed. Defaults
    to 1. Must be 1 for liveness and startup. Minimum value is 1.
    """

    tcp_socket: TCPSocketAction | None = None
    """TCPSocket specifies a connection to a TCP port."""

    termination_grace_period_seconds: int | None = None
    """Optional duration in seconds the pod needs to terminate gracefully upon probe failure. The grace period
    is the duration in seconds after the processes running in the pod are sent a termination signal and the
    time when the processes are forcibly halted with a kill signal. Set this value longer than the expected
    cleanup time for your process. If this value is nil, the pod's terminationGracePeriodSeconds will be
    used. Otherwise, this value overrides the value provided by the pod spec. Value must be non-negative
    integer. The value zero indicates stop immediately via the kill signal (no opportunity to shut down).
    This is a beta field and requires enabling ProbeTerminationGracePeriod feature gate. Minimum value is
    1. spec.terminationGracePeriodSeconds is used if unset.
    """

    timeout_seconds: int | None = None
    """Number of seconds after which the probe times out. Defaults to 1 second. Minimum value is 1. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
    """


class RBDPersistentVolumeSource(KubeModel):
    """Represents a Rados Block Device mount that lasts the lifetime of a pod. RBD volumes support ownership
    management and SELinux relabeling.
    """

    fs_type: str | None = None
    """fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem
    type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to
    be "ext4" if unspecified. More info: https://kubernetes.io/docs/concepts/storage/volumes#rbd
    """

    image: str
    """image is the rados image name. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it"""

    keyring: str | None = None
    """keyring is the path to key ring for RBDUser. Default is /etc/ceph/keyring. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    monitors: list[str]
    """monitors is a collection of Ceph monitors. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    pool: str | None = None
    """pool is the rados pool name. Default is rbd. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    read_only: bool | None = None
    """readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    secret_ref: SecretReference | None = None
    """secretRef is name of the authentication secret for RBDUser. If provided overrides keyring. Default is
    nil. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """

    user: str | None = None
    """user is the rados user name. Default is admin. More info:
    https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
    """


class RoleBinding(KubeObject):
    """RoleBinding references a role, but does not contain it.  It can reference a Role in the same namespace
    or a ClusterRole in the global namespace. It adds who information via Subjects and namespace
    information by which namespace it exists in.  RoleBindings in a given namespace only have effect in
    that namespace.
    """

    resource: ClassVar[Resource] = Resource(
        "rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", namespaced=True
    )

    api_version: Literal["rbac.authorization.k8s.io/v1"] = "rbac.authorization.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["RoleBinding"] = "RoleBinding"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    role_ref: RoleRef
    """RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the
    RoleRef cannot be resolved, the Authorizer must return an error. This field is immutable.
    """

    subjects: list[Subject] | None = None
    """Subjects holds references to the objects the role applies to."""


class ScaleIOPersistentVolumeSource(KubeModel):
    """ScaleIOPersistentVolumeSource represents a persistent ScaleIO volume"""

    fs_type: str | None = None
    """fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating
    system. Ex. "ext4", "xfs", "ntfs". Default is "xfs"
    """

    gateway: str
    """gateway is the host address of the ScaleIO API Gateway."""

    protection_domain: str | None = None
    """protectionDomain is the name of the ScaleIO Protection Domain for the configured storage."""

    read_only: bool | None = None
    """readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts."""

    secret_ref: SecretReference
    """secretRef references to the secret for ScaleIO user and other sensitive information. If this is not
    provided, Login operation will fail.
    """

    ssl_enabled: bool | None = None
    """sslEnabled is the flag to enable/disable SSL communication with Gateway, default false"""

    storage_mode: str | None = None
    """storageMode indicates whether the storage for a volume should be ThickProvisioned or ThinProvisioned.
    Default is ThinProvisioned.
    """

    storage_pool: str | None = None
    """storagePool is the ScaleIO Storage Pool associated with the protection domain."""

    system: str
    """system is the name of the storage system as configured in ScaleIO."""

    volume_name: str | None = None
    """volumeName is the name of a volume already created in the ScaleIO system that is associated with this
    volume source.
    """


class SecurityContext(KubeModel):
    """SecurityContext holds security configuration that will be applied to a container. Some fields are
    present in both SecurityContext and PodSecurityContext.  When both are set, the values in
    SecurityContext take precedence.
    """

    allow_privilege_escalation: bool | None = None
    """AllowPrivilegeEscalation controls whether a process can gain more privileges than its parent process.
    This bool directly controls if the no_new_privs flag will be set on the container process.
    AllowPrivilegeEscalation is true always when the container is: 1) run as Privileged 2) has
    CAP_SYS_ADMIN Note that this field cannot be set when spec.os.name is windows.
    """

    app_armor_profile: AppArmorProfile | None = None
    """appArmorProfile is the AppArmor options to use by this container. If set, this profile overrides the
    pod's appArmorProfile. Note that this field cannot be set when spec.os.name is windows.
    """

    capabilities: Capabilities | None = None
    """The capabilities to add/drop when running containers. Defaults to the default set of capabilities
    granted by the container runtime. Note that this field cannot be set when spec.os.name is windows.
    """

    privileged: bool | None = None
    """Run container in privileged mode. Processes in privileged containers are essentially equivalent to root
    on the host. Defaults to false. Note that this field cannot be set when spec.os.name is windows.
    """

    proc_mount: str | None = None
    """procMount denotes the type of proc mount to use for the containers. The default value is Default which
    uses the container runtime defaults for readonly paths and masked paths. Note that this field cannot be
    set when spec.os.name is windows.
    """

    read_only_root_filesystem: bool | None = None
    """Whether this container has a read-only root filesystem. Default is false. Note that this field cannot
    be set when spec.os.name is windows.
    """

    run_as_group: int | None = None
    """The GID to run the entrypoint of the container process. Uses runtime default if unset. May also be set
    in PodSecurityContext.  If set in both SecurityContext and PodSecurityContext, the value specified in
    SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is windows.
    """

    run_as_non_root: bool | None = None
    """Indicates that the container must run as a non-root user. If true, the Kubelet will validate the image
    at runtime to ensure that it does not run as UID 0 (root) and fail to start the container if it does.
    If unset or false, no such validation will be performed. May also be set in PodSecurityContext.  If set
    in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes
    precedence.
    """

    run_as_user: int | None = None
    """The UID to run the entrypoint of the container process. Defaults to user specified in image metadata if
    unspecified. May also be set in PodSecurityContext.  If set in both SecurityContext and
    PodSecurityContext, the value specified in SecurityContext takes precedence. Note that this field
    cannot be set when spec.os.name is windows.
    """

    se_linux_options: SELinuxOptions | None = None
    """The SELinux context to be applied to the container. If unspecified, the container runtime will allocate
    a random SELinux context for each container.  May also be set in PodSecurityContext.  If set in both
    SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence. Note
    that this field cannot be set when spec.os.name is windows.
    """

    seccomp_profile: SeccompProfile | None = None
    """The seccomp options to use by this container. If seccomp options are provided at both the pod &
    container level, the container options override the pod options. Note that this field cannot be set
    when spec.os.name is windows.
    """

    windows_options: WindowsSecurityContextOptions | None = None
    """The Windows specific settings applied to all containers. If unspecified, the options from the
    PodSecurityContext will be used. If set in both SecurityContext and PodSecurityContext, the value
    specified in SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is
    linux.
    """


class ServiceSpec(KubeModel):
    """ServiceSpec describes the attributes that a user creates on a service."""

    allocate_load_balancer_node_ports: bool | None = None
    """allocateLoadBalancerNodePorts defines if NodePorts will be automatically allocated for services with
    type LoadBalancer.  Default is "true". It may be set to "false" if the cluster load-balancer does not
    rely on NodePorts.  If the caller requests specific NodePorts (by specifying a value), those requests
    will be respected, regardless of this field. This field may only be set for services with type
    LoadBalancer and will be cleared if the type is changed to any other type.
    """

    cluster_ip: Annotated[str | None, Field(alias="clusterIP")] = None
    """clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified
    manually, is in-range (as per system configuration), and is not in use, it will be allocated to the
    service; otherwise creation of the service will fail. This field may not be changed through updates
    unless the type field is also being changed to ExternalName (which requires this field to be blank) or
    the type field is being changed from ExternalName (in which case this field may optionally be
    specified, as describe above).  Valid values are "None", empty string (""), or a valid IP address.
    Setting this to "None" makes a "headless service" (no virtual IP), which is useful when direct endpoint
    connections are preferred and proxying is not required.  Only applies to types ClusterIP, NodePort, and
    LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will
    fail. This field will be wiped when updating a Service to type ExternalName. More info:
    https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
    """

    cluster_i_ps: list[str] | None = None
    """ClusterIPs is a list of IP addresses assigned to this service, and are usually assigned randomly.  If
    an address is specified manually, is in-range (as per system configuration), and is not in use, it will
    be allocated to the service; otherwise creation of the service will fail. This field may not be changed
    through updates unless the type field is also being changed to ExternalName (which requires this field
    to be empty) or the type field is being changed from ExternalName (in which case this field may
    optionally be specified, as describe above).  Valid values are "None", empty string (""), or a valid IP
    address.  Setting this to "None" makes a "headless service" (no virtual IP), which is useful when
    direct endpoint connections are preferred and proxying is not required.  Only applies to types
    ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type
    ExternalName, creation will fail. This field will be wiped when updating a Service to type
    ExternalName.  If this field is not specified, it will be initialized from the clusterIP field.  If
    this field is specified, clients must ensure that clusterIPs[0] and clusterIP have the same value.

    This field may hold a maximum of two entries (dual-stack IPs, in either order). These IPs must
    correspond to the values of the ipFamilies field. Both clusterIPs and ipFamilies are governed by the
    ipFamilyPolicy field. More info:
    https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
    """

    external_i_ps: list[str] | None = None
    """externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this
    service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic
    arrives at a node with this IP.  A common example is external load-balancers that are not part of the
    Kubernetes system.
    """

    external_name: str | None = None
    """externalName is the external reference that discovery mechanisms will return as an alias for this
    service (e.g. a DNS CNAME record). No proxying will be involved.  Must be a lowercase RFC-1123 hostname
    (https://tools.ietf.org/html/rfc1123) and requires `type` to be "ExternalName".
    """

    external_traffic_policy: str | None = None
    """externalTrafficPolicy describes how nodes distribute service traffic they receive on one of the
    Service's "externally-facing" addresses (NodePorts, ExternalIPs, and LoadBalancer IPs). If set to
    "Local", the proxy will configure the service in a way that assumes that external load balancers will
    take care of balancing the service traffic between nodes, and so each node will deliver traffic only to
    the node-local endpoints of the service, without masquerading the client source IP. (Traffic mistakenly
    sent to a node with no endpoints will be dropped.) The default value, "Cluster", uses the standard
    behavior of routing to all endpoints evenly (possibly modified by topology and other features). Note
    that traffic sent to an External IP or LoadBalancer IP from within the cluster will always get
    "Cluster" semantics, but clients sending to a NodePort from within the cluster may need to take traffic
    policy into account when picking a node.
    """

    health_check_node_port: int | None = None
    """healthCheckNodePort specifies the healthcheck nodePort for the service. This only applies when type is
    set to LoadBalancer and externalTrafficPolicy is set to Local. If a value is specified, is in-range,
    and is not in use, it will be used.  If not specified, a value will be automatically allocated.
    External systems (e.g. load-balancers) can use this port to determine if a given node holds endpoints
    for this service or not.  If this field is specified when creating a Service which does not need it,
    creation will fail. This field will be wiped when updating a Service to no longer need it (e.g.
    changing type). This field cannot be updated once set.
    """

    internal_traffic_policy: str | None = None
    """InternalTrafficPolicy describes how nodes distribute service traffic they receive on the ClusterIP. If
    set to "Local", the proxy will assume that pods only want to talk to endpoints of the service on the
    same node as the pod, dropping the traffic if there are no local endpoints. The default value,
    "Cluster", uses the standard behavior of routing to all endpoints evenly (possibly modified by topology
    and other features).
    """

    ip_families: list[str] | None = None
    """IPFamilies is a list of IP families (e.g. IPv4, IPv6) assigned to this service. This field is usually
    assigned automatically based on cluster configuration and the ipFamilyPolicy field. If this field is
    specified manually, the requested family is available in the cluster, and ipFamilyPolicy allows it, it
    will be used; otherwise creation of the service will fail. This field is conditionally mutable: it
    allows for adding or removing a secondary IP family, but it does not allow changing the primary IP
    family of the Service. Valid values are "IPv4" and "IPv6".  This field only applies to Services of
    types ClusterIP, NodePort, and LoadBalancer, and does apply to "headless" services. This field will be
    wiped when updating a Service to type ExternalName.

    This field may hold a maximum of two entries (dual-stack families, in either order).  These families
    must correspond to the values of the clusterIPs field, if specified. Both clusterIPs and ipFamilies are
    governed by the ipFamilyPolicy field.
    """

    ip_family_policy: str | None = None
    """IPFamilyPolicy represents the dual-stack-ness requested or required by this Service. If there is no
    value provided, then this field will be set to SingleStack. Services can be "SingleStack" (a single IP
    family), "PreferDualStack" (two IP families on dual-stack configured clusters or a single IP family on
    single-stack clusters), or "RequireDualStack" (two IP families on dual-stack configured clusters,
    otherwise fail). The ipFamilies and clusterIPs fields depend on the value of this field. This field
    will be wiped when updating a service to type ExternalName.
    """

    load_balancer_class: str | None = None
    """loadBalancerClass is the class of the load balancer implementation this Service belongs to. If
    specified, the value of this field must be a label-style identifier, with an optional prefix, e.g.
    "internal-vip" or "example.com/internal-vip". Unprefixed names are reserved for end-users. This field
    can only be set when the Service type is 'LoadBalancer'. If not set, the default load balancer
    implementation is used, today this is typically done through the cloud provider integration, but should
    apply for any default implementation. If set, it is assumed that a load balancer implementation is
    watching for Services with a matching class. Any default load balancer implementation (e.g. cloud
    providers) should ignore Services that set this field. This field can only be set when creating or
    updating a Service to type 'LoadBalancer'. Once set, it can not be changed. This field will be wiped
    when a service is updated to a non 'LoadBalancer' type.
    """

    load_balancer_ip: Annotated[str | None, Field(alias="loadBalancerIP")] = None
    """Only applies to Service Type: LoadBalancer. This feature depends on whether the underlying
    cloud-provider supports specifying the loadBalancerIP when a load balancer is created. This field will
    be ignored if the cloud-provider does not support the feature. Deprecated: This field was
    under-specified and its meaning varies across implementations. Using it is non-portable and it may not
    support dual-stack. Users are encouraged to use implementation-specific annotations when available.
    """

    load_balancer_source_ranges: list[str] | None = None
    """If specified and supported by the platform, this will restrict traffic through the cloud-provider
    load-balancer will be restricted to the specified client IPs. This field will be ignored if the
    cloud-provider does not support the feature." More info:
    https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/
    """

    ports: list[ServicePort] | None = None
    """The list of ports that are exposed by this service. More info:
    https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
    """

    publish_not_ready_addresses: bool | None = None
    """publishNotReadyAddresses indicates that any agent which deals with endpoints for this Service should
    disregard any indications of ready/not-ready. The primary use case for setting this field is for a
    StatefulSet's Headless Service to propagate SRV DNS records for its Pods for the purpose of peer
    discovery. The Kubernetes controllers that generate Endpoints and EndpointSlice resources for Services
    interpret this to mean that all endpoints are considered "ready" even if the Pods themselves are not.
    Agents which consume only Kubernetes generated endpoints through the Endpoints or EndpointSlice
    resources can safely assume this behavior.
    """

    selector: dict[str, str] | None = None
    """Route service traffic to pods with label keys and values matching this selector. If empty or not
    present, the service is assumed to have an external process managing its endpoints, which Kubernetes
    will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is
    ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/
    """

    session_affinity: str | None = None
    """Supports "ClientIP" and "None". Used to maintain session affinity. Enable client IP based session
    affinity. Must be ClientIP or None. Defaults to None. More info:
    https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
    """

    session_affinity_config: SessionAffinityConfig | None = None
    """sessionAffinityConfig contains the configurations of session affinity."""

    traffic_distribution: str | None = None
    """TrafficDistribution offers a way to express preferences for how traffic is distributed to Service
    endpoints. Implementations can use this field as a hint, but are not required to guarantee strict
    adherence. If the field is not set, the implementation will apply its default routing strategy. If set
    to "PreferClose", implementations should prioritize endpoints that are in the same zone.
    """

    type: str | None = None
    """type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName,
    ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for
    load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by
    manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is "None", no virtual
    IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP.
    "NodePort" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as
    the clusterIP. "LoadBalancer" builds on NodePort and creates an external load-balancer (if supported in
    the current cloud) which routes to the same endpoints as the clusterIP. "ExternalName" aliases this
    service to the specified externalName. Several other fields do not apply to ExternalName services. More
    info:
    https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
    """


class ServiceStatus(KubeModel):
    """ServiceStatus represents the current status of a service."""

    conditions: list[Condition] | None = None
    """Current service state"""

    load_balancer: LoadBalancerStatus | None = None
    """LoadBalancer contains the current status of the load-balancer, if one is present."""


class SuccessPolicy(KubeModel):
    """SuccessPolicy describes when a Job can be declared as succeeded based on the success of some indexes."""

    rules: list[SuccessPolicyRule]
    """rules represents the list of alternative rules for the declaring the Jobs as successful before
    `.status.succeeded >= .spec.completions`. Once any of the rules are met, the "SuccessCriteriaMet"
    condition is added, and the lingering pods are removed. The terminal state for such a Job has the
    "Complete" condition. Additionally, these rules are evaluated in order; Once the Job meets one of the
    rules, other rules are ignored. At most 20 elements are allowed.
    """


class TopologySpreadConstraint(KubeModel):
    """TopologySpreadConstraint specifies how to spread matching pods among the given topology."""

    label_selector: LabelSelector | None = None
    """LabelSelector is used to find matching pods. Pods that match this label selector are counted to
    determine the number of pods in their corresponding topology domain.
    """

    match_label_keys: list[str] | None = None
    """MatchLabelKeys is a set of pod label keys to select the pods over which spreading will be calculated.
    The keys are used to lookup values from the incoming pod labels, those key-value labels are ANDed with
    labelSelector to select the group of existing pods over which spreading will be calculated for the
    incoming pod. The same key is forbidden to exist in both MatchLabelKeys and LabelSelector.
    MatchLabelKeys cannot be set when LabelSelector isn't set. Keys that don't exist in the incoming pod
    labels will be ignored. A null or empty list means only match against labelSelector.

    This is a beta field and requires the MatchLabelKeysInPodTopologySpread feature gate to be enabled
    (enabled by default).
    """

    max_skew: int
    """MaxSkew describes the degree to which pods may be unevenly distributed. When
    `whenUnsatisfiable=DoNotSchedule`, it is the maximum permitted difference between the number of
    matching pods in the target topology and the global minimum. The global minimum is the minimum number
    of matching pods in an eligible domain or zero if the number of eligible domains is less than
    MinDomains. For example, in a 3-zone cluster, MaxSkew is set to 1, and pods with the same labelSelector
    spread as 2/2/1: In this case, the global minimum is 1. | zone1 | zone2 | zone3 | |  P P  |  P P  |   P
    | - if MaxSkew is 1, incoming pod can only be scheduled to zone3 to become 2/2/2; scheduling it onto
    zone1(zone2) would make the ActualSkew(3-1) on zone1(zone2) violate MaxSkew(1). - if MaxSkew is 2,
    incoming pod can be scheduled onto any zone. When `whenUnsatisfiable=ScheduleAnyway`, it is used to
    give higher precedence to topologies that satisfy it. It's a required field. Default value is 1 and 0
    is not allowed.
    """

    min_domains: int | None = None
    """MinDomains indicates a minimum number of eligible domains. When the number of eligible domains with
    matching topology keys is less than minDomains, Pod Topology Spread treats "global minimum" as 0, and
    then the calculation of Skew is performed. And when the number of eligible domains with matching
    topology keys equals or greater than minDomains, this value has no effect on scheduling. As a result,
    when the number of eligible domains is less than minDomains, scheduler won't schedule more than maxSkew
    Pods to those domains. If value is nil, the constraint behaves as if MinDomains is equal to 1. Valid
    values are integers greater than 0. When value is not nil, WhenUnsatisfiable must be DoNotSchedule.

    For example, in a 3-zone cluster, MaxSkew is set to 2, MinDomains is set to 5 and pods with the same
    labelSelector spread as 2/2/2: | zone1 | zone2 | zone3 | |  P P  |  P P  |  P P  | The number of
    domains is less than 5(MinDomains), so "global minimum" is treated as 0. In this situation, new pod
    with the same labelSelector cannot be scheduled, because computed skew will be 3(3 - 0) if new Pod is
    scheduled to any of the three zones, it will violate MaxSkew.
    """

    node_affinity_policy: str | None = None
    """NodeAffinityPolicy indicates how we will treat Pod's nodeAffinity/nodeSelector when calculating pod
    topology spread skew. Options are: - Honor: only nodes matching nodeAffinity/nodeSelector are included
    in the calculations. - Ignore: nodeAffinity/nodeSelector are ignored. All nodes are included in the
    calculations.

    If this value is nil, the behavior is equivalent to the Honor policy.
    """

    node_taints_policy: str | None = None
    """NodeTaintsPolicy indicates how we will treat node taints when calculating pod topology spread skew.
    Options are: - Honor: nodes without taints, along with tainted nodes for which the incoming pod has a
    toleration, are included. - Ignore: node taints are ignored. All nodes are included.

    If this value is nil, the behavior is equivalent to the Ignore policy.
    """

    topology_key: str
    """TopologyKey is the key of node labels. Nodes that have a label with this key and identical values are
    considered to be in the same topology. We consider each <key, value> as a "bucket", and try to put
    balanced number of pods into each bucket. We define a domain as a particular instance of a topology.
    Also, we define an eligible domain as a domain whose nodes meet the requirements of nodeAffinityPolicy
    and nodeTaintsPolicy. e.g. If TopologyKey is "kubernetes.io/hostname", each Node is a domain of that
    topology. And, if TopologyKey is "topology.kubernetes.io/zone", each zone is a domain of that topology.
    It's a required field.
    """

    when_unsatisfiable: str
    """WhenUnsatisfiable indicates how to deal with a pod if it doesn't satisfy the spread constraint. -
    DoNotSchedule (default) tells the scheduler not to schedule it. - ScheduleAnyway tells the scheduler to
    schedule the pod in any location,
      but giving higher precedence to topologies that would help reduce the
      skew.
    A constraint is considered "Unsatisfiable" for an incoming pod if and only if every possible node
    assignment for that pod would violate "MaxSkew" on some topology. For example, in a 3-zone cluster,
    MaxSkew is set to 1, and pods with the same labelSelector spread as 3/1/1: | zone1 | zone2 | zone3 | |
    P P P |   P   |   P   | If WhenUnsatisfiable is set to DoNotSchedule, incoming pod can only be
    scheduled to zone2(zone3) to become 3/2/1(3/1/2) as ActualSkew(2-1) on zone2(zone3) satisfies
    MaxSkew(1). In other words, the cluster can still be imbalanced, but scheduler won't make it *more*
    imbalanced. It's a required field.
    """


class ValidatingAdmissionPolicyBindingSpec(KubeModel):
    """ValidatingAdmissionPolicyBindingSpec is the specification of the ValidatingAdmissionPolicyBinding."""

    match_resources: MatchResources | None = None
    """matchResources declares what resources match this binding and will be validated by it. Note that this
    is intersected with the policy's matchConstraints, so only requests that are matched by the policy can
    be selected by this. If this is unset, all resources matched by the policy are validated by this
    binding When resourceRules is unset, it does not constrain resource matching. If a resource is matched
    by the other fields of this object, it will be validated. Note that this is differs from
    ValidatingAdmissionPolicy matchConstraints, where resourceRules are required.
    """

    param_ref: ParamRef | None = None
    """paramRef specifies the parameter resource used to configure the admission control policy. It should
    point to a resource of the type specified in ParamKind of the bound ValidatingAdmissionPolicy. If the
    policy specifies a ParamKind and the resource referred to by ParamRef does not exist, this binding is
    considered mis-configured and the FailurePolicy of the ValidatingAdmissionPolicy applied. If the policy
    does not specify a ParamKind then this field is ignored, and the rules are evaluated without a param.
    """

    policy_name: str
    """policyName references a ValidatingAdmissionPolicy name which the ValidatingAdmissionPolicyBinding binds
    to. If the referenced resource does not exist, this binding is considered invalid and will be ignored
    Required.
    """

    validation_actions: list[str]
    """validationActions declares how Validations of the referenced ValidatingAdmissionPolicy are enforced. If
    a validation evaluates to false it is always enforced according to these actions.

    Failures defined by the ValidatingAdmissionPolicy's FailurePolicy are enforced according to these
    actions only if the FailurePolicy is set to Fail, otherwise the failures are ignored. This includes
    compilation errors, runtime errors and misconfigurations of the policy.

    validationActions is declared as a set of action values. Order does not matter. validationActions may
    not contain duplicates of the same action.

    The supported actions values are:

    "Deny" specifies that a validation failure results in a denied request.

    "Warn" specifies that a validation failure is reported to the request client in HTTP Warning headers,
    with a warning code of 299. Warnings can be sent both for allowed or denied admission responses.

    "Audit" specifies that a validation failure is included in the published audit event for the request.
    The audit event will contain a `validation.policy.admission.k8s.io/validation_failure` audit annotation
    with a value containing the details of the validation failures, formatted as a JSON list of objects,
    each with the following fields: - message: The validation failure message string - policy: The resource
    name of the ValidatingAdmissionPolicy - binding: The resource name of the
    ValidatingAdmissionPolicyBinding - expressionIndex: The index of the failed validations in the
    ValidatingAdmissionPolicy - validationActions: The enforcement actions enacted for the validation
    failure Example audit annotation: `"validation.policy.admission.k8s.io/validation_failure":
    "[{\\"message\\": \\"Invalid value\\", {\\"policy\\": \\"policy.example.com\\", {\\"binding\\":
    \\"policybinding.example.com\\", {\\"expressionIndex\\": \\"1\\", {\\"validationActions\\":
    [\\"Audit\\"]}]"`

    Clients should expect to handle additional values by ignoring any values not recognized.

    "Deny" and "Warn" may not be used together since this combination needlessly duplicates the validation
    failure both in the API response body and the HTTP warning headers.

    Required.
    """


class ValidatingAdmissionPolicySpec(KubeModel):
    """ValidatingAdmissionPolicySpec is the specification of the desired behavior of the AdmissionPolicy."""

    audit_annotations: list[AuditAnnotation] | None = None
    """auditAnnotations contains CEL expressions which are used to produce audit annotations for the audit
    event of the API request. validations and auditAnnotations may not both be empty; a least one of
    validations or auditAnnotations is required.
    """

    failure_policy: str | None = None
    """failurePolicy defines how to handle failures for the admission policy. Failures can occur from CEL
    expression parse errors, type check errors, runtime errors and invalid or mis-configured policy
    definitions or bindings.

    A policy is invalid if spec.paramKind refers to a non-existent Kind. A binding is invalid if
    spec.paramRef.name refers to a non-existent resource.

    failurePolicy does not define how validations that evaluate to false are handled.

    When failurePolicy is set to Fail, ValidatingAdmissionPolicyBinding validationActions define how
    failures are enforced.

    Allowed values are Ignore or Fail. Defaults to Fail.
    """

    match_conditions: list[MatchCondition] | None = None
    """matchConditions is a list of conditions that must be met for a request to be validated. Match
    conditions filter requests that have already been matched by the rules, namespaceSelector, and
    objectSelector. An empty list of matchConditions matches all requests. There are a maximum of 64 match
    conditions allowed.

    If a parameter object is provided, it can be accessed via the `params` handle in the same manner as
    validation expressions.

    The exact matching logic is (in order):
      1. If ANY matchCondition evaluates to FALSE, the policy is skipped.
      2. If ALL matchConditions evaluate to TRUE, the policy is evaluated.
      3. If any matchCondition evaluates to an error (but none are FALSE):
         - If failurePolicy=Fail, reject the request
         - If failurePolicy=Ignore, the policy is skipped
    """

    match_constraints: MatchResources | None = None
    """matchConstraints specifies what resources this policy is designed to validate. The AdmissionPolicy
    cares about a request if it matches _all_ Constraints. However, in order to prevent clusters from being
    put into an unstable state that cannot be recovered from via the API ValidatingAdmissionPolicy cannot
    match ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding. Required.
    """

    param_kind: ParamKind | None = None
    """paramKind specifies the kind of resources used to parameterize this policy. If absent, there are no
    parameters for this policy and the param CEL variable will not be provided to validation expressions.
    If ParamKind refers to a non-existent kind, this policy definition is mis-configured and the
    FailurePolicy is applied. If paramKind is specified but paramRef is unset in
    ValidatingAdmissionPolicyBinding, the params variable will be null.
    """

    validations: list[Validation] | None = None
    """validations contain CEL expressions which is used to apply the validation. Validations and
    AuditAnnotations may not both be empty; a minimum of one Validations or AuditAnnotations is required.
    """

    variables: list[Variable] | None = None
    """variables contain definitions of variables that can be used in composition of other expressions. Each
    variable is defined as a named CEL expression. The variables defined here will be available under
    `variables` in other expressions of the policy except MatchConditions because MatchConditions are
    evaluated before the rest of the policy.

    The expression of a variable can refer to other variables defined earlier in the list but not those
    after. Thus, Variables must be sorted by the order of first appearance and acyclic.
    """


class VolumeMountStatus(KubeModel):
    """VolumeMountStatus shows status of volume mounts."""

    mount_path: str
    """MountPath corresponds to the original VolumeMount."""

    name: str
    """Name corresponds to the name of the original VolumeMount."""

    read_only: bool | None = None
    """ReadOnly corresponds to the original VolumeMount."""

    recursive_read_only: str | None = None
    """RecursiveReadOnly must be set to Disabled, Enabled, or unspecified (for non-readonly mounts). An
    IfPossible value in the original VolumeMount must be translated to Disabled or Enabled, depending on
    the mount result.
    """

    volume_status: VolumeStatus | None = None
    """volumeStatus represents volume-type-specific status about the mounted volume."""


class VolumeNodeAffinity(KubeModel):
    """VolumeNodeAffinity defines constraints that limit what nodes this volume can be accessed from."""

    required: NodeSelector | None = None
    """required specifies hard node constraints that must be met."""


class WeightedPodAffinityTerm(KubeModel):
    """The weights of all of the matched WeightedPodAffinityTerm fields are added per-node to find the most
    preferred node(s)
    """

    pod_affinity_term: PodAffinityTerm
    """Required. A pod affinity term, associated with the corresponding weight."""

    weight: int
    """weight associated with matching the corresponding podAffinityTerm, in the range 1-100."""


class AggregationRule(KubeModel):
    """AggregationRule describes how to locate ClusterRoles to aggregate into the ClusterRole"""

    cluster_role_selectors: list[LabelSelector] | None = None
    """ClusterRoleSelectors holds a list of selectors which will be used to find ClusterRoles and create the
    rules. If any of the selectors match, then the ClusterRole's permissions will be added
    """


class CSIDriver(KubeObject):
    """CSIDriver captures information about a Container Storage Interface (CSI) volume driver deployed on the
    cluster. Kubernetes attach detach controller uses this object to determine whether attach is required.
    Kubelet uses this object to determine whether pod information needs to be passed on mount. CSIDriver
    objects are non-namespaced.
    """

    resource: ClassVar[Resource] = Resource(
        "storage.k8s.io", "v1", "CSIDriver", "csidrivers", namespaced=False
    )

    api_version: Literal["storage.k8s.io/v1"] = "storage.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["CSIDriver"] = "CSIDriver"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: CSIDriverSpec
    """spec represents the specification of the CSI Driver."""


class ClusterRole(KubeObject):
    """ClusterRole is a cluster level, logical grouping of PolicyRules that can be referenced as a unit by a
    RoleBinding or ClusterRoleBinding.
    """

    resource: ClassVar[Resource] = Resource(
        "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False
    )

    api_version: Literal["rbac.authorization.k8s.io/v1"] = "rbac.authorization.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["ClusterRole"] = "ClusterRole"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    aggregation_rule: AggregationRule | None = None
    """AggregationRule is an optional field that describes how to build the Rules for this ClusterRole. If
    AggregationRule is set, then the Rules are controller managed and direct changes to Rules will be
    stomped by the controller.
    """

    rules: list[PolicyRule] | None = None
    """Rules holds all the PolicyRules for this ClusterRole"""


class ClusterTrustBundleProjection(KubeModel):
    """ClusterTrustBundleProjection describes how to select a set of ClusterTrustBundle objects and project
    their contents into the pod filesystem.
    """

    label_selector: LabelSelector | None = None
    """Select all ClusterTrustBundles that match this label selector.  Only has effect if signerName is set.
    Mutually-exclusive with name.  If unset, interpreted as "match nothing".  If set but empty, interpreted
    as "match everything".
    """

    name: str | None = None
    """Select a single ClusterTrustBundle by object name.  Mutually-exclusive with signerName and
    labelSelector.
    """

    optional: bool | None = None
    """If true, don't block pod startup if the referenced ClusterTrustBundle(s) aren't available.  If using
    name, then the named ClusterTrustBundle is allowed not to exist.  If using signerName, then the
    combination of signerName and labelSelector is allowed to match zero ClusterTrustBundles.
    """

    path: str
    """Relative path from the volume root to write the bundle."""

    signer_name: str | None = None
    """Select all ClusterTrustBundles that match this signer name. Mutually-exclusive with name.  The contents
    of all selected ClusterTrustBundles will be unified and deduplicated.
    """


class ContainerStatus(KubeModel):
    """ContainerStatus contains details for the current status of this container."""

    allocated_resources: dict[str, Quantity] | None = None
    """AllocatedResources represents the compute resources allocated for this container by the node. Kubelet
    sets this value to Container.Resources.Requests upon successful pod admission and after successfully
    admitting desired pod resize.
    """

    allocated_resources_status: list[ResourceStatus] | None = None
    """AllocatedResourcesStatus represents the status of various resources allocated for this Pod."""

    container_id: Annotated[str | None, Field(alias="containerID")] = None
    """ContainerID is the ID of the container in the format '<type>://<container_id>'. Where type is a
    container runtime identifier, returned from Version call of CRI API (for example "containerd").
    """

    image: str
    """Image is the name of container image that the container is running. The container image may not match
    the image used in the PodSpec, as it may have been resolved by the runtime. More info:
    https://kubernetes.io/docs/concepts/containers/images.
    """

    image_id: Annotated[str, Field(alias="imageID")]
    """ImageID is the image ID of the container's image. The image ID may not match the image ID of the image
    used in the PodSpec, as it may have been resolved by the runtime.
    """

    last_state: ContainerState | None = None
    """LastTerminationState holds the last termination state of the container to help debug container crashes
    and restarts. This field is not populated if the container is still running and RestartCount is 0.
    """

    name: str
    """Name is a DNS_LABEL representing the unique name of the container. Each container in a pod must have a
    unique name across all container types. Cannot be updated.
    """

    ready: bool
    """Ready specifies whether the container is currently passing its readiness check. The value will change
    as readiness probes keep executing. If no readiness probes are specified, this field defaults to true
    once the container is fully started (see Started field).

    The value is typically used to determine whether a container is ready to accept traffic.
    """

    resources: ResourceRequirements | None = None
    """Resources represents the compute resource requests and limits that have been successfully enacted on
    the running container after it has been started or has been successfully resized.
    """

    restart_count: int
    """RestartCount holds the number of times the container has been restarted. Kubelet makes an effort to
    always increment the value, but there are cases when the state may be lost due to node restarts and
    then the value may be reset to 0. The value is never negative.
    """

    started: bool | None = None
    """Started indicates whether the container has finished its postStart lifecycle hook and passed its
    startup probe. Initialized as false, becomes true after startupProbe is considered successful. Resets
    to false when the container is restarted, or if kubelet loses state temporarily. In both cases, startup
    probes will run again. Is always true when no startupProbe is defined and container is running and has
    passed the postStart lifecycle hook. The null value must be treated the same as false.
    """

    state: ContainerState | None = None
    """State holds details about the container's current condition."""

    stop_signal: str | None = None
    """StopSignal reports the effective stop signal for this container"""

    user: ContainerUser | None = None
    """User represents user identity information initially attached to the first process of the container"""

    volume_mounts: list[VolumeMountStatus] | None = None
    """Status of volume mounts."""


class DownwardAPIProjection(KubeModel):
    """Represents downward API info for projecting into a projected volume. Note that this is identical to a
    downwardAPI volume source without the default mode.
    """

    items: list[DownwardAPIVolumeFile] | None = None
    """Items is a list of DownwardAPIVolume file"""


class EnvVar(KubeModel):
    """EnvVar represents an environment variable present in a Container."""

    name: str
    """Name of the environment variable. May consist of any printable ASCII characters except '='."""

    value: str | None = None
    """Variable references $(VAR_NAME) are expanded using the previously defined environment variables in the
    container and any service environment variables. If a variable cannot be resolved, the reference in the
    input string will be unchanged. Double $$ are reduced to a single $, which allows for escaping the
    $(VAR_NAME) syntax: i.e. "$$(VAR_NAME)" will produce the string literal "$(VAR_NAME)". Escaped
    references will never be expanded, regardless of whether the variable exists or not. Defaults to "".
    """

    value_from: EnvVarSource | None = None
    """Source for the environment variable's value. Cannot be used if value is not empty."""


class EphemeralVolumeSource(KubeModel):
    """Represents an ephemeral volume that is handled by a normal storage driver."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = None
    """Will be used to create a stand-alone PVC to provision the volume. The pod in which this
    EphemeralVolumeSource is embedded will be the owner of the PVC, i.e. the PVC will be deleted together
    with the pod.  The name of the PVC will be `<pod name>-<volume name>` where `<volume name>` is the name
    from the `PodSpec.Volumes` array entry. Pod validation will reject the pod if the concatenated name is
    not valid for a PVC (for example, too long).

    An existing PVC with that name that is not owned by the pod will *not* be used for the pod to avoid
    using an unrelated volume by mistake. Starting the pod is then blocked until the unrelated PVC is
    removed. If such a pre-created PVC is meant to be used by the pod, the PVC has to updated with an owner
    reference to the pod once the pod exists. Normally this should not be necessary, but it may be useful
    when manually reconstructing a broken cluster.

    This field is read-only and no changes will be made by Kubernetes to the PVC after it has been created.

    Required, must not be nil.
    """


class Lifecycle(KubeModel):
    """Lifecycle describes actions that the management system should take in response to container lifecycle
    events. For the PostStart and PreStop lifecycle handlers, management of the container blocks until the
    action is complete, unless the container process fails, in which case the handler is aborted.
    """

    post_start: LifecycleHandler | None = None
    """PostStart is called immediately after a container is created. If the handler fails, the container is
    terminated and restarted according to its restart policy. Other management of the container blocks
    until the hook completes. More info:
    https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#container-hooks
    """

    pre_stop: LifecycleHandler | None = None
    """PreStop is called immediately before a container is terminated due to an API request or management
    event such as liveness/startup probe failure, preemption, resource contention, etc. The handler is not
    called if the container crashes or exits. The Pod's termination grace period countdown begins before
    the PreStop hook is executed. Regardless of the outcome of the handler, the container will eventually
    terminate within the Pod's termination grace period (unless delayed by finalizers). Other management of
    the container blocks until the hook completes or until the termination grace period is reached. More
    info: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#container-hooks
    """

    stop_signal: str | None = None
    """StopSignal defines which signal will be sent to a container when it is being stopped. If not specified,
    the default is defined by the container runtime in use. StopSignal can only be set for Pods with a
    non-empty .spec.os.name
    """


class MutatingAdmissionPolicy(KubeObject):
    """MutatingAdmissionPolicy describes the definition of an admission mutation policy that mutates the
    object coming into admission chain.
    """

    resource: ClassVar[Resource] = Resource(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingAdmissionPolicy",
        "mutatingadmissionpolicies",
        namespaced=False,
    )

    api_version: Literal["admissionregistration.k8s.io/v1"] = "admissionregistration.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["MutatingAdmissionPolicy"] = "MutatingAdmissionPolicy"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: MutatingAdmissionPolicySpec | None = None
    """spec defines the desired behavior of the MutatingAdmissionPolicy."""


class MutatingAdmissionPolicyBindingSpec(KubeModel):
    """MutatingAdmissionPolicyBindingSpec defines the specification of the MutatingAdmissionPolicyBinding."""

    match_resources: MatchResources | None = None
    """matchResources limits what resources match this binding and may be mutated by it. Note that if
    matchResources matches a resource, the resource must also match a policy's matchConstraints and
    matchConditions before the resource may be mutated. When matchResources is unset, it does not constrain
    resource matching, and only the policy's matchConstraints and matchConditions must match for the
    resource to be mutated. Additionally, matchResources.resourceRules are optional and do not constraint
    matching when unset. Note that this is differs from MutatingAdmissionPolicy matchConstraints, where
    resourceRules are required. The CREATE, UPDATE and CONNECT operations are allowed.  The DELETE
    operation may not be matched. '*' matches CREATE, UPDATE and CONNECT.
    """

    param_ref: ParamRef | None = None
    """paramRef specifies the parameter resource used to configure the admission control policy. It should
    point to a resource of the type specified in spec.ParamKind of the bound MutatingAdmissionPolicy. If
    the policy specifies a ParamKind and the resource referred to by ParamRef does not exist, this binding
    is considered mis-configured and the FailurePolicy of the MutatingAdmissionPolicy applied. If the
    policy does not specify a ParamKind then this field is ignored, and the rules are evaluated without a
    param.
    """

    policy_name: str | None = None
    """policyName references a MutatingAdmissionPolicy name which the MutatingAdmissionPolicyBinding binds to.
    If the referenced resource does not exist, this binding is considered invalid and will be ignored
    Required.
    """


class Node(KubeObject):
    """Node is a worker node in Kubernetes. Each node will have a unique identifier in the cache (i.e. in
    etcd).
    """

    resource: ClassVar[Resource] = Resource("", "v1", "Node", "nodes", namespaced=False)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["Node"] = "Node"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: NodeSpec | None = None
    """Spec defines the behavior of a node.
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: NodeStatus | None = None
    """Most recently observed status of the node. Populated by the system. Read-only. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class NodeAffinity(KubeModel):
    """Node affinity is a group of node affinity scheduling rules."""

    preferred_during_scheduling_ignored_during_execution: list[PreferredSchedulingTerm] | None = None
    """The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by
    this field, but it may choose a node that violates one or more of the expressions. The node that is
    most preferred is the one with the greatest sum of weights, i.e. for each node that meets all of the
    scheduling requirements (resource request, requiredDuringScheduling affinity expressions, etc.),
    compute a sum by iterating through the elements of this field and adding "weight" to the sum if the
    node matches the corresponding matchExpressions; the node(s) with the highest sum are the most
    preferred.
    """

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    """If the affinity requirements specified by this field are not met at scheduling time, the pod will not
    be scheduled onto the node. If the affinity requirements specified by this field cease to be met at
    some point during pod execution (e.g. due to an update), the system may or may not try to eventually
    evict the pod from its node.
    """


class PersistentVolumeClaim(KubeObject):
    """PersistentVolumeClaim is a user's request for and claim to a persistent volume"""

    resource: ClassVar[Resource] = Resource(
        "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", namespaced=True
    )

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["PersistentVolumeClaim"] = "PersistentVolumeClaim"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: PersistentVolumeClaimSpec | None = None
    """spec defines the desired characteristics of a volume requested by a pod author. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
    """

    status: PersistentVolumeClaimStatus | None = None
    """status represents the current information/status of a persistent volume claim. Read-only. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
    """


class PersistentVolumeSpec(KubeModel):
    """PersistentVolumeSpec is the specification of a persistent volume."""

    access_modes: list[str] | None = None
    """accessModes contains all ways the volume can be mounted. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes
    """

    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    """awsElasticBlockStore represents an AWS Disk resource that is attached to a kubelet's host machine and
    then exposed to the pod. Deprecated: AWSElasticBlockStore is deprecated. All operations for the in-tree
    awsElasticBlockStore type are redirected to the ebs.csi.aws.com CSI driver. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """

    azure_disk: AzureDiskVolumeSource | None = None
    """azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated:
    AzureDisk is deprecated. All operations for the in-tree azureDisk type are redirected to the
    disk.csi.azure.com CSI driver.
    """

    azure_file: AzureFilePersistentVolumeSource | None = None
    """azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated:
    AzureFile is deprecated. All operations for the in-tree azureFile type are redirected to the
    file.csi.azure.com CSI driver.
    """

    capacity: dict[str, Quantity] | None = None
    """capacity is the description of the persistent volume's resources and capacity. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity
    """

    cephfs: CephFSPersistentVolumeSource | None = None
    """cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated: CephFS is
    deprecated and the in-tree cephfs type is no longer supported.
    """

    cinder: CinderPersistentVolumeSource | None = None
    """cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated: Cinder is
    deprecated. All operations for the in-tree cinder type are redirected to the cinder.csi.openstack.org
    CSI driver. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    claim_ref: ObjectReference | None = None
    """claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim.
    Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More
    info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding
    """

    csi: CSIPersistentVolumeSource | None = None
    """csi represents storage that is handled by an external CSI driver."""

    fc: FCVolumeSource | None = None
    """fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to
    the pod.
    """

    flex_volume: FlexPersistentVolumeSource | None = None
    """flexVolume represents a generic volume resource that is provisioned/attached using an exec based
    plugin. Deprecated: FlexVolume is deprecated. Consider using a CSIDriver instead.
    """

    flocker: FlockerVolumeSource | None = None
    """flocker represents a Flocker volume attached to a kubelet's host machine and exposed to the pod for its
    usage. This depends on the Flocker control service being running. Deprecated: Flocker is deprecated and
    the in-tree flocker type is no longer supported.
    """

    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    """gcePersistentDisk represents a GCE Disk resource that is attached to a kubelet's host machine and then
    exposed to the pod. Provisioned by an admin. Deprecated: GCEPersistentDisk is deprecated. All
    operations for the in-tree gcePersistentDisk type are redirected to the pd.csi.storage.gke.io CSI
    driver. More info: https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    glusterfs: GlusterfsPersistentVolumeSource | None = None
    """glusterfs represents a Glusterfs volume that is attached to a host and exposed to the pod. Provisioned
    by an admin. Deprecated: Glusterfs is deprecated and the in-tree glusterfs type is no longer supported.
    More info: https://examples.k8s.io/volumes/glusterfs/README.md
    """

    host_path: HostPathVolumeSource | None = None
    """hostPath represents a directory on the host. Provisioned by a developer or tester. This is useful for
    single-node development and testing only! On-host storage is not supported in any way and WILL NOT WORK
    in a multi-node cluster. More info: https://kubernetes.io/docs/concepts/storage/volumes#hostpath
    """

    iscsi: ISCSIPersistentVolumeSource | None = None
    """iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed
    to the pod. Provisioned by an admin.
    """

    local: LocalVolumeSource | None = None
    """local represents directly-attached storage with node affinity"""

    mount_options: list[str] | None = None
    """mountOptions is the list of mount options, e.g. ["ro", "soft"]. Not validated - mount will simply fail
    if one is invalid. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#mount-options
    """

    nfs: NFSVolumeSource | None = None
    """nfs represents an NFS mount on the host. Provisioned by an admin. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """

    node_affinity: VolumeNodeAffinity | None = None
    """nodeAffinity defines constraints that limit what nodes this volume can be accessed from. This field
    influences the scheduling of pods that use this volume. This field is mutable if MutablePVNodeAffinity
    feature gate is enabled.
    """

    persistent_volume_reclaim_policy: str | None = None
    """persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim.
    Valid options are Retain (default for manually created PersistentVolumes), Delete (default for
    dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the
    volume plugin underlying this PersistentVolume. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming
    """

    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    """photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets
    host machine. Deprecated: PhotonPersistentDisk is deprecated and the in-tree photonPersistentDisk type
    is no longer supported.
    """

    portworx_volume: PortworxVolumeSource | None = None
    """portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated:
    PortworxVolume is deprecated. All operations for the in-tree portworxVolume type are redirected to the
    pxd.portworx.com CSI driver.
    """

    quobyte: QuobyteVolumeSource | None = None
    """quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated: Quobyte is
    deprecated and the in-tree quobyte type is no longer supported.
    """

    rbd: RBDPersistentVolumeSource | None = None
    """rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated: RBD is
    deprecated and the in-tree rbd type is no longer supported. More info:
    https://examples.k8s.io/volumes/rbd/README.md
    """

    scale_io: Annotated[ScaleIOPersistentVolumeSource | None, Field(alias="scaleIO")] = None
    """scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated:
    ScaleIO is deprecated and the in-tree scaleIO type is no longer supported.
    """

    storage_class_name: str | None = None
    """storageClassName is the name of StorageClass to which this persistent volume belongs. Empty value means
    that this volume does not belong to any StorageClass.
    """

    storageos: StorageOSPersistentVolumeSource | None = None
    """storageOS represents a StorageOS volume that is attached to the kubelet's host machine and mounted into
    the pod. Deprecated: StorageOS is deprecated and the in-tree storageos type is no longer supported.
    More info: https://examples.k8s.io/volumes/storageos/README.md
    """

    volume_attributes_class_name: str | None = None
    """Name of VolumeAttributesClass to which this persistent volume belongs. Empty value is not allowed. When
    this field is not set, it indicates that this volume does not belong to any VolumeAttributesClass. This
    field is mutable and can be changed by the CSI driver after a volume has been updated successfully to a
    new class. For an unbound PersistentVolume, the volumeAttributesClassName will be matched with unbound
    PersistentVolumeClaims during the binding process.
    """

    volume_mode: str | None = None
    """volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw
    block state. Value of Filesystem is implied when not included in spec.
    """

    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    """vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated:
    VsphereVolume is deprecated. All operations for the in-tree vsphereVolume type are redirected to the
    csi.vsphere.vmware.com CSI driver.
    """


class PodAffinity(KubeModel):
    """Pod affinity is a group of inter pod affinity scheduling rules."""

    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None
    """The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by
    this field, but it may choose a node that violates one or more of the expressions. The node that is
    most preferred is the one with the greatest sum of weights, i.e. for each node that meets all of the
    scheduling requirements (resource request, requiredDuringScheduling affinity expressions, etc.),
    compute a sum by iterating through the elements of this field and adding "weight" to the sum if the
    node has pods which matches the corresponding podAffinityTerm; the node(s) with the highest sum are the
    most preferred.
    """

    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None
    """If the affinity requirements specified by this field are not met at scheduling time, the pod will not
    be scheduled onto the node. If the affinity requirements specified by this field cease to be met at
    some point during pod execution (e.g. due to a pod label update), the system may or may not try to
    eventually evict the pod from its node. When there are multiple elements, the lists of nodes
    corresponding to each podAffinityTerm are intersected, i.e. all terms must be satisfied.
    """


class PodAntiAffinity(KubeModel):
    """Pod anti affinity is a group of inter pod anti affinity scheduling rules."""

    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None
    """The scheduler will prefer to schedule pods to nodes that satisfy the anti-affinity expressions
    specified by this field, but it may choose a node that violates one or more of the expressions. The
    node that is most preferred is the one with the greatest sum of weights, i.e. for each node that meets
    all of the scheduling requirements (resource request, requiredDuringScheduling anti-affinity
    expressions, etc.), compute a sum by iterating through the elements of this field and subtracting
    "weight" from the sum if the node has pods which matches the corresponding podAffinityTerm; the node(s)
    with the highest sum are the most preferred.
    """

    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None
    """If the anti-affinity requirements specified by this field are not met at scheduling time, the pod will
    not be scheduled onto the node. If the anti-affinity requirements specified by this field cease to be
    met at some point during pod execution (e.g. due to a pod label update), the system may or may not try
    to eventually evict the pod from its node. When there are multiple elements, the lists of nodes
    corresponding to each podAffinityTerm are intersected, i.e. all terms must be satisfied.
    """


class PodStatus(KubeModel):
    """PodStatus represents information about the status of a pod. Status may trail the actual state of a
    system, especially if the node that hosts the pod cannot contact the control plane.
    """

    allocated_resources: dict[str, Quantity] | None = None
    """AllocatedResources is the total requests allocated for this pod by the node. If pod-level requests are
    not set, this will be the total requests aggregated across containers in the pod.
    """

    conditions: list[PodCondition] | None = None
    """Current service state of pod. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
    """

    container_statuses: list[ContainerStatus] | None = None
    """Statuses of containers in this pod. Each container in the pod should have at most one status in this
    list, and all statuses should be for containers in the pod. However this is not enforced. If a status
    for a non-existent container is present in the list, or the list has duplicate names, the behavior of
    various Kubernetes components is not defined and those statuses might be ignored. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-and-container-status
    """

    ephemeral_container_statuses: list[ContainerStatus] | None = None
    """Statuses for any ephemeral containers that have run in this pod. Each ephemeral container in the pod
    should have at most one status in this list, and all statuses should be for containers in the pod.
    However this is not enforced. If a status for a non-existent container is present in the list, or the
    list has duplicate names, the behavior of various Kubernetes components is not defined and those
    statuses might be ignored. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-and-container-status
    """

    extended_resource_claim_status: PodExtendedResourceClaimStatus | None = None
    """Status of extended resource claim backed by DRA."""

    host_ip: Annotated[str | None, Field(alias="hostIP")] = None
    """hostIP holds the IP address of the host to which the pod is assigned. Empty if the pod has not started
    yet. A pod can be assigned to a node that has a problem in kubelet which in turns mean that HostIP will
    not be updated even if there is a node is assigned to pod
    """

    host_i_ps: list[HostIP] | None = None
    """hostIPs holds the IP addresses allocated to the host. If this field is specified, the first entry must
    match the hostIP field. This list is empty if the pod has not started yet. A pod can be assigned to a
    node that has a problem in kubelet which in turns means that HostIPs will not be updated even if there
    is a node is assigned to this pod.
    """

    init_container_statuses: list[ContainerStatus] | None = None
    """Statuses of init containers in this pod. The most recent successful non-restartable init container will
    have ready = true, the most recently started container will have startTime set. Each init container in
    the pod should have at most one status in this list, and all statuses should be for containers in the
    pod. However this is not enforced. If a status for a non-existent container is present in the list, or
    the list has duplicate names, the behavior of various Kubernetes components is not defined and those
    statuses might be ignored. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-and-container-status
    """

    message: str | None = None
    """A human readable message indicating details about why the pod is in this condition."""

    node_allocatable_resource_claim_statuses: list[NodeAllocatableResourceClaimStatus] | None = None
    """NodeAllocatableResourceClaimStatuses contains the status of node-allocatable resources that were
    allocated for this pod through DRA claims. This includes resources currently reported in v1.Node
    `status.allocatable` that are not extended resources (see
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources).
    Examples include "cpu", "memory", "ephemeral-storage", and hugepages.
    """

    nominated_node_name: str | None = None
    """nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled
    right away as preemption victims receive their graceful termination periods. This field does not
    guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere
    if other nodes become available sooner. Scheduler may also decide to give the resources on this node to
    a higher priority pod that is created after preemption. As a result, this field may be different than
    PodSpec.nodeName when the pod is scheduled.
    """

    observed_generation: int | None = None
    """If set, this represents the .metadata.generation that the pod status was set based upon. The
    PodObservedGenerationTracking feature gate must be enabled to use this field.
    """

    phase: str | None = None
    """The phase of a Pod is a simple, high-level summary of where the Pod is in its lifecycle. The conditions
    array, the reason and message fields, and the individual container status arrays contain more detail
    about the pod's status. There are five possible phase values:

    Pending: The pod has been accepted by the Kubernetes system, but one or more of the container images
    has not been created. This includes time before being scheduled as well as time spent downloading
    images over the network, which could take a while. Running: The pod has been bound to a node, and all
    of the containers have been created. At least one container is still running, or is in the process of
    starting or restarting. Succeeded: All containers in the pod have terminated in success, and will not
    be restarted. Failed: All containers in the pod have terminated, and at least one container has
    terminated in failure. The container either exited with non-zero status or was terminated by the
    system. Unknown: For some reason the state of the pod could not be obtained, typically due to an error
    in communicating with the host of the pod.

    More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-phase
    """

    pod_ip: Annotated[str | None, Field(alias="podIP")] = None
    """podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated."""

    pod_i_ps: list[PodIP] | None = None
    """podIPs holds the IP addresses allocated to the pod. If this field is specified, the 0th entry must
    match the podIP field. Pods may be allocated at most 1 value for each of IPv4 and IPv6. This list is
    empty if no IPs have been allocated yet.
    """

    qos_class: str | None = None
    """The Quality of Service (QOS) classification assigned to the pod based on resource requirements See
    PodQOSClass type for available QOS classes More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/#quality-of-service-classes
    """

    reason: str | None = None
    """A brief CamelCase message indicating details about why the pod is in this state. e.g. 'Evicted'"""

    resize: str | None = None
    """Status of resources resize desired for pod's containers. It is empty if no resources resize is pending.
    Any changes to container resources will automatically set this to "Proposed" Deprecated: Resize status
    is moved to two pod conditions PodResizePending and PodResizeInProgress. PodResizePending will track
    states where the spec has been resized, but the Kubelet has not yet allocated the resources.
    PodResizeInProgress will track in-progress resizes, and should be present whenever allocated resources
    != acknowledged resources.
    """

    resource_claim_statuses: list[PodResourceClaimStatus] | None = None
    """Status of resource claims."""

    resources: ResourceRequirements | None = None
    """Resources represents the compute resource requests and limits that have been applied at the pod level
    if pod-level requests or limits are set in PodSpec.Resources
    """

    start_time: Time | None = None
    """RFC 3339 date and time at which the object was acknowledged by the Kubelet. This is before the Kubelet
    pulled the container image(s) for the pod.
    """


class Service(KubeObject):
    """Service is a named abstraction of software service (for example, mysql) consisting of local port (for
    example 3306) that the proxy listens on, and the selector that determines which pods will answer
    requests sent through the proxy.
    """

    resource: ClassVar[Resource] = Resource("", "v1", "Service", "services", namespaced=True)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["Service"] = "Service"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: ServiceSpec | None = None
    """Spec defines the behavior of a service.
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: ServiceStatus | None = None
    """Most recently observed status of the service. Populated by the system. Read-only. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class ValidatingAdmissionPolicy(KubeObject):
    """ValidatingAdmissionPolicy describes the definition of an admission validation policy that accepts or
    rejects an object without changing it.
    """

    resource: ClassVar[Resource] = Resource(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        namespaced=False,
    )

    api_version: Literal["admissionregistration.k8s.io/v1"] = "admissionregistration.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["ValidatingAdmissionPolicy"] = "ValidatingAdmissionPolicy"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: ValidatingAdmissionPolicySpec | None = None
    """spec defines the desired behavior of the ValidatingAdmissionPolicy."""

    status: ValidatingAdmissionPolicyStatus | None = None
    """status represents the current status of the ValidatingAdmissionPolicy, including warnings that are
    useful to determine if the policy behaves in the expected way. Populated by the system. Read-only.
    """


class ValidatingAdmissionPolicyBinding(KubeObject):
    """ValidatingAdmissionPolicyBinding binds the ValidatingAdmissionPolicy with paramerized resources.
    ValidatingAdmissionPolicyBinding and parameter CRDs together define how cluster administrators
    configure policies for clusters.

    For a given admission request, each binding will cause its policy to be evaluated N times, where N is 1
    for policies/bindings that don't use params, otherwise N is the number of parameters selected by the
    binding.

    The CEL expressions of a policy must have a computed CEL cost below the maximum CEL budget. Each
    evaluation of the policy is given an independent CEL cost budget. Adding/removing policies, bindings,
    or params can not affect whether a given (policy, binding, param) combination is within its own CEL
    budget.
    """

    resource: ClassVar[Resource] = Resource(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        namespaced=False,
    )

    api_version: Literal["admissionregistration.k8s.io/v1"] = "admissionregistration.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["ValidatingAdmissionPolicyBinding"] = "ValidatingAdmissionPolicyBinding"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: ValidatingAdmissionPolicyBindingSpec
    """spec defines the desired behavior of the ValidatingAdmissionPolicyBinding."""


class VolumeProjection(KubeModel):
    """Projection that may be projected along with other supported volume types. Exactly one of these fields
    must be set.
    """

    cluster_trust_bundle: ClusterTrustBundleProjection | None = None
    """ClusterTrustBundle allows a pod to access the `.spec.trustBundle` field of ClusterTrustBundle objects
    in an auto-updating file.

    Alpha, gated by the ClusterTrustBundleProjection feature gate.

    ClusterTrustBundle objects can either be selected by name, or by the combination of signer name and a
    label selector.

    Kubelet performs aggressive normalization of the PEM contents written into the pod filesystem.
    Esoteric PEM features such as inter-block comments and block headers are stripped.  Certificates are
    deduplicated. The ordering of certificates within the file is arbitrary, and Kubelet may change the
    order over time.
    """

    config_map: ConfigMapProjection | None = None
    """configMap information about the configMap data to project"""

    downward_api: Annotated[DownwardAPIProjection | None, Field(alias="downwardAPI")] = None
    """downwardAPI information about the downwardAPI data to project"""

    pod_certificate: PodCertificateProjection | None = None
    """Projects an auto-rotating credential bundle (private key and certificate chain) that the pod can use
    either as a TLS client or server.

    Kubelet generates a private key and uses it to send a PodCertificateRequest to the named signer.  Once
    the signer approves the request and issues a certificate chain, Kubelet writes the key and certificate
    chain to the pod filesystem.  The pod does not start until certificates have been issued for each
    podCertificate projected volume source in its spec.

    Kubelet will begin trying to rotate the certificate at the time indicated by the signer using the
    PodCertificateRequest.Status.BeginRefreshAt timestamp.

    Kubelet can write a single file, indicated by the credentialBundlePath field, or separate files,
    indicated by the keyPath and certificateChainPath fields.

    The credential bundle is a single file in PEM format.  The first PEM entry is the private key (in
    PKCS#8 format), and the remaining PEM entries are the certificate chain issued by the signer
    (typically, signers will return their certificate chain in leaf-to-root order).

    Prefer using the credential bundle format, since your application code can read it atomically.  If you
    use keyPath and certificateChainPath, your application must make two separate file reads. If these
    coincide with a certificate rotation, it is possible that the private key and leaf certificate you read
    may not correspond to each other.  Your application will need to check for this condition, and re-read
    until they are consistent.

    The named signer controls chooses the format of the certificate it issues; consult the signer
    implementation's documentation to learn how to use the certificates it issues.
    """

    secret: SecretProjection | None = None
    """secret information about the secret data to project"""

    service_account_token: ServiceAccountTokenProjection | None = None
    """serviceAccountToken is information about the serviceAccountToken data to project"""


class Affinity(KubeModel):
    """Affinity is a group of affinity scheduling rules."""

    node_affinity: NodeAffinity | None = None
    """Describes node affinity scheduling rules for the pod."""

    pod_affinity: PodAffinity | None = None
    """Describes pod affinity scheduling rules (e.g. co-locate this pod in the same node, zone, etc. as some
    other pod(s)).
    """

    pod_anti_affinity: PodAntiAffinity | None = None
    """Describes pod anti-affinity scheduling rules (e.g. avoid putting this pod in the same node, zone, etc.
    as some other pod(s)).
    """


class Container(KubeModel):
    """A single application container that you want to run within a pod."""

    args: list[str] | None = None
    """Arguments to the entrypoint. The container image's CMD is used if this is not provided. Variable
    references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be
    resolved, the reference in the input string will be unchanged. Double $$ are reduced to a single $,
    which allows for escaping the $(VAR_NAME) syntax: i.e. "$$(VAR_NAME)" will produce the string literal
    "$(VAR_NAME)". Escaped references will never be expanded, regardless of whether the variable exists or
    not. Cannot be updated. More info:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#running-a-command-in-a-shell
    """

    command: list[str] | None = None
    """Entrypoint array. Not executed within a shell. The container image's ENTRYPOINT is used if this is not
    provided. Variable references $(VAR_NAME) are expanded using the container's environment. If a variable
    cannot be resolved, the reference in the input string will be unchanged. Double $$ are reduced to a
    single $, which allows for escaping the $(VAR_NAME) syntax: i.e. "$$(VAR_NAME)" will produce the string
    literal "$(VAR_NAME)". Escaped references will never be expanded, regardless of whether the variable
    exists or not. Cannot be updated. More info:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#running-a-command-in-a-shell
    """

    env: list[EnvVar] | None = None
    """List of environment variables to set in the container. Cannot be updated."""

    env_from: list[EnvFromSource] | None = None
    """List of sources to populate environment variables in the container. The keys defined within a source
    may consist of any printable ASCII characters except '='. When a key exists in multiple sources, the
    value associated with the last source will take precedence. Values defined by an Env with a duplicate
    key will take precedence. Cannot be updated.
    """

    image: str | None = None
    """Container image name. More info: https://kubernetes.io/docs/concepts/containers/images This field is
    optional to allow higher level config management to default or override container images in workload
    controllers like Deployments and StatefulSets.
    """

    image_pull_policy: str | None = None
    """Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if :latest tag is specified,
    or IfNotPresent otherwise. Cannot be updated. More info:
    https://kubernetes.io/docs/concepts/containers/images#updating-images
    """

    lifecycle: Lifecycle | None = None
    """Actions that the management system should take in response to container lifecycle events. Cannot be
    updated.
    """

    liveness_probe: Probe | None = None
    """Periodic probe of container liveness. Container will be restarted if the probe fails. Cannot be
    updated. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
    """

    name: str
    """Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name
    (DNS_LABEL). Cannot be updated.
    """

    ports: list[ContainerPort] | None = None
    """List of ports to expose from the container. Not specifying a port here DOES NOT prevent that port from
    being exposed. Any port which is listening on the default "0.0.0.0" address inside a container will be
    accessible from the network. Modifying this array with strategic merge patch may corrupt the data. For
    more information See https://github.com/kubernetes/kubernetes/issues/108255. Cannot be updated.
    """

    readiness_probe: Probe | None = None
    """Periodic probe of container service readiness. Container will be removed from service endpoints if the
    probe fails. Cannot be updated. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
    """

    resize_policy: list[ContainerResizePolicy] | None = None
    """Resources resize policy for the container. This field cannot be set on ephemeral containers."""

    resources: ResourceRequirements | None = None
    """Compute Resources required by this container. Cannot be updated. More info:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """

    restart_policy: str | None = None
    """RestartPolicy defines the restart behavior of individual containers in a pod. This overrides the
    pod-level restart policy. When this field is not specified, the restart behavior is defined by the
    Pod's restart policy and the container type. Additionally, setting the RestartPolicy as "Always" for
    the init container will have the following effect: this init container will be continually restarted on
    exit until all regular containers have terminated. Once all regular containers have completed, all init
    containers with restartPolicy "Always" will be shut down. This lifecycle differs from normal init
    containers and is often referred to as a "sidecar" container. Although this init container still starts
    in the init container sequence, it does not wait for the container to complete before proceeding to the
    next init container. Instead, the next init container starts immediately after this init container is
    started, or after any startupProbe has successfully completed.
    """

    restart_policy_rules: list[ContainerRestartRule] | None = None
    """Represents a list of rules to be checked to determine if the container should be restarted on exit. The
    rules are evaluated in order. Once a rule matches a container exit condition, the remaining rules are
    ignored. If no rule matches the container exit condition, the Container-level restart policy determines
    the whether the container is restarted or not. Constraints on the rules: - At most 20 rules are
    allowed. - Rules can have the same action. - Identical rules are not forbidden in validations. When
    rules are specified, container MUST set RestartPolicy explicitly even it if matches the Pod's
    RestartPolicy.
    """

    security_context: SecurityContext | None = None
    """SecurityContext defines the security options the container should be run with. If set, the fields of
    SecurityContext override the equivalent fields of PodSecurityContext. More info:
    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """

    startup_probe: Probe | None = None
    """StartupProbe indicates that the Pod has successfully initialized. If specified, no other probes are
    executed until this completes successfully. If this probe fails, the Pod will be restarted, just as if
    the livenessProbe failed. This can be used to provide different probe parameters at the beginning of a
    Pod's lifecycle, when it might take a long time to load data or warm a cache, than during steady-state
    operation. This cannot be updated. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
    """

    stdin: bool | None = None
    """Whether this container should allocate a buffer for stdin in the container runtime. If this is not set,
    reads from stdin in the container will always result in EOF. Default is false.
    """

    stdin_once: bool | None = None
    """Whether the container runtime should close the stdin channel after it has been opened by a single
    attach. When stdin is true the stdin stream will remain open across multiple attach sessions. If
    stdinOnce is set to true, stdin is opened on container start, is empty until the first client attaches
    to stdin, and then remains open and accepts data until the client disconnects, at which time stdin is
    closed and remains closed until the container is restarted. If this flag is false, a container
    processes that reads from stdin will never receive an EOF. Default is false
    """

    termination_message_path: str | None = None
    """Optional: Path at which the file to which the container's termination message will be written is
    mounted into the container's filesystem. Message written is intended to be brief final status, such as
    an assertion failure message. Will be truncated by the node if greater than 4096 bytes. The total
    message length across all containers will be limited to 12kb. Defaults to /dev/termination-log. Cannot
    be updated.
    """

    termination_message_policy: str | None = None
    """Indicate how the termination message should be populated. File will use the contents of
    terminationMessagePath to populate the container status message on both success and failure.
    FallbackToLogsOnError will use the last chunk of container log output if the termination message file
    is empty and the container exited with an error. The log output is limited to 2048 bytes or 80 lines,
    whichever is smaller. Defaults to File. Cannot be updated.
    """

    tty: bool | None = None
    """Whether this container should allocate a TTY for itself, also requires 'stdin' to be true. Default is
    false.
    """

    volume_devices: list[VolumeDevice] | None = None
    """volumeDevices is the list of block devices to be used by the container."""

    volume_mounts: list[VolumeMount] | None = None
    """Pod volumes to mount into the container's filesystem. Cannot be updated."""

    working_dir: str | None = None
    """Container's working directory. If not specified, the container runtime's default will be used, which
    might be configured in the container image. Cannot be updated.
    """


class EphemeralContainer(KubeModel):
    """An EphemeralContainer is a temporary container that you may add to an existing Pod for user-initiated
    activities such as debugging. Ephemeral containers have no resource or scheduling guarantees, and they
    will not be restarted when they exit or when a Pod is removed or restarted. The kubelet may evict a Pod
    if an ephemeral container causes the Pod to exceed its resource allocation.

    To add an ephemeral container, use the ephemeralcontainers subresource of an existing Pod. Ephemeral
    containers may not be removed or restarted.
    """

    args: list[str] | None = None
    """Arguments to the entrypoint. The image's CMD is used if this is not provided. Variable references
    $(VAR_NAME) are expanded using the container's environment. If a variable cannot be resolved, the
    reference in the input string will be unchanged. Double $$ are reduced to a single $, which allows for
    escaping the $(VAR_NAME) syntax: i.e. "$$(VAR_NAME)" will produce the string literal "$(VAR_NAME)".
    Escaped references will never be expanded, regardless of whether the variable exists or not. Cannot be
    updated. More info:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#running-a-command-in-a-shell
    """

    command: list[str] | None = None
    """Entrypoint array. Not executed within a shell. The image's ENTRYPOINT is used if this is not provided.
    Variable references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be
    resolved, the reference in the input string will be unchanged. Double $$ are reduced to a single $,
    which allows for escaping the $(VAR_NAME) syntax: i.e. "$$(VAR_NAME)" will produce the string literal
    "$(VAR_NAME)". Escaped references will never be expanded, regardless of whether the variable exists or
    not. Cannot be updated. More info:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#running-a-command-in-a-shell
    """

    env: list[EnvVar] | None = None
    """List of environment variables to set in the container. Cannot be updated."""

    env_from: list[EnvFromSource] | None = None
    """List of sources to populate environment variables in the container. The keys defined within a source
    may consist of any printable ASCII characters except '='. When a key exists in multiple sources, the
    value associated with the last source will take precedence. Values defined by an Env with a duplicate
    key will take precedence. Cannot be updated.
    """

    image: str | None = None
    """Container image name. More info: https://kubernetes.io/docs/concepts/containers/images"""

    image_pull_policy: str | None = None
    """Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if :latest tag is specified,
    or IfNotPresent otherwise. Cannot be updated. More info:
    https://kubernetes.io/docs/concepts/containers/images#updating-images
    """

    lifecycle: Lifecycle | None = None
    """Lifecycle is not allowed for ephemeral containers."""

    liveness_probe: Probe | None = None
    """Probes are not allowed for ephemeral containers."""

    name: str
    """Name of the ephemeral container specified as a DNS_LABEL. This name must be unique among all
    containers, init containers and ephemeral containers.
    """

    ports: list[ContainerPort] | None = None
    """Ports are not allowed for ephemeral containers."""

    readiness_probe: Probe | None = None
    """Probes are not allowed for ephemeral containers."""

    resize_policy: list[ContainerResizePolicy] | None = None
    """Resources resize policy for the container."""

    resources: ResourceRequirements | None = None
    """Resources are not allowed for ephemeral containers. Ephemeral containers use spare resources already
    allocated to the pod.
    """

    restart_policy: str | None = None
    """Restart policy for the container to manage the restart behavior of each container within a pod. You
    cannot set this field on ephemeral containers.
    """

    restart_policy_rules: list[ContainerRestartRule] | None = None
    """Represents a list of rules to be checked to determine if the container should be restarted on exit. You
    cannot set this field on ephemeral containers.
    """

    security_context: SecurityContext | None = None
    """Optional: SecurityContext defines the security options the ephemeral container should be run with. If
    set, the fields of SecurityContext override the equivalent fields of PodSecurityContext.
    """

    startup_probe: Probe | None = None
    """Probes are not allowed for ephemeral containers."""

    stdin: bool | None = None
    """Whether this container should allocate a buffer for stdin in the container runtime. If this is not set,
    reads from stdin in the container will always result in EOF. Default is false.
    """

    stdin_once: bool | None = None
    """Whether the container runtime should close the stdin channel after it has been opened by a single
    attach. When stdin is true the stdin stream will remain open across multiple attach sessions. If
    stdinOnce is set to true, stdin is opened on container start, is empty until the first client attaches
    to stdin, and then remains open and accepts data until the client disconnects, at which time stdin is
    closed and remains closed until the container is restarted. If this flag is false, a container
    processes that reads from stdin will never receive an EOF. Default is false
    """

    target_container_name: str | None = None
    """If set, the name of the container from PodSpec that this ephemeral container targets. The ephemeral
    container will be run in the namespaces (IPC, PID, etc) of this container. If not set then the
    ephemeral container uses the namespaces configured in the Pod spec.

    The container runtime must implement support for this feature. If the runtime does not support
    namespace targeting then the result of setting this field is undefined.
    """

    termination_message_path: str | None = None
    """Optional: Path at which the file to which the container's termination message will be written is
    mounted into the container's filesystem. Message written is intended to be brief final status, such as
    an assertion failure message. Will be truncated by the node if greater than 4096 bytes. The total
    message length across all containers will be limited to 12kb. Defaults to /dev/termination-log. Cannot
    be updated.
    """

    termination_message_policy: str | None = None
    """Indicate how the termination message should be populated. File will use the contents of
    terminationMessagePath to populate the container status message on both success and failure.
    FallbackToLogsOnError will use the last chunk of container log output if the termination message file
    is empty and the container exited with an error. The log output is limited to 2048 bytes or 80 lines,
    whichever is smaller. Defaults to File. Cannot be updated.
    """

    tty: bool | None = None
    """Whether this container should allocate a TTY for itself, also requires 'stdin' to be true. Default is
    false.
    """

    volume_devices: list[VolumeDevice] | None = None
    """volumeDevices is the list of block devices to be used by the container."""

    volume_mounts: list[VolumeMount] | None = None
    """Pod volumes to mount into the container's filesystem. Subpath mounts are not allowed for ephemeral
    containers. Cannot be updated.
    """

    working_dir: str | None = None
    """Container's working directory. If not specified, the container runtime's default will be used, which
    might be configured in the container image. Cannot be updated.
    """


class MutatingAdmissionPolicyBinding(KubeObject):
    """MutatingAdmissionPolicyBinding binds the MutatingAdmissionPolicy with parametrized resources.
    MutatingAdmissionPolicyBinding and the optional parameter resource together define how cluster
    administrators configure policies for clusters.

    For a given admission request, each binding will cause its policy to be evaluated N times, where N is 1
    for policies/bindings that don't use params, otherwise N is the number of parameters selected by the
    binding. Each evaluation is constrained by a [runtime cost
    budget](https://kubernetes.io/docs/reference/using-api/cel/#runtime-cost-budget).

    Adding/removing policies, bindings, or params can not affect whether a given (policy, binding, param)
    combination is within its own CEL budget.
    """

    resource: ClassVar[Resource] = Resource(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingAdmissionPolicyBinding",
        "mutatingadmissionpolicybindings",
        namespaced=False,
    )

    api_version: Literal["admissionregistration.k8s.io/v1"] = "admissionregistration.k8s.io/v1"
    """Version of the schema."""

    kind: Literal["MutatingAdmissionPolicyBinding"] = "MutatingAdmissionPolicyBinding"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: MutatingAdmissionPolicyBindingSpec | None = None
    """spec defines the desired behavior of the MutatingAdmissionPolicyBinding."""


class PersistentVolume(KubeObject):
    """PersistentVolume (PV) is a storage resource provisioned by an administrator. It is analogous to a node.
    More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes
    """

    resource: ClassVar[Resource] = Resource(
        "", "v1", "PersistentVolume", "persistentvolumes", namespaced=False
    )

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["PersistentVolume"] = "PersistentVolume"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: PersistentVolumeSpec | None = None
    """spec defines a specification of a persistent volume owned by the cluster. Provisioned by an
    administrator. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistent-volumes
    """

    status: PersistentVolumeStatus | None = None
    """status represents the current information/status for the persistent volume. Populated by the system.
    Read-only. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistent-volumes
    """


class ProjectedVolumeSource(KubeModel):
    """Represents a projected volume source"""

    default_mode: int | None = None
    """defaultMode are the mode bits used to set permissions on created files by default. Must be an octal
    value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal
    values, JSON requires decimal values for mode bits. Directories within the path are not affected by
    this setting. This might be in conflict with other options that affect the file mode, like fsGroup, and
    the result can be other mode bits set.
    """

    sources: list[VolumeProjection] | None = None
    """sources is the list of volume projections. Each entry in this list handles one source."""


class Volume(KubeModel):
    """Volume represents a named volume in a pod that may be accessed by any container in the pod."""

    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    """awsElasticBlockStore represents an AWS Disk resource that is attached to a kubelet's host machine and
    then exposed to the pod. Deprecated: AWSElasticBlockStore is deprecated. All operations for the in-tree
    awsElasticBlockStore type are redirected to the ebs.csi.aws.com CSI driver. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """

    azure_disk: AzureDiskVolumeSource | None = None
    """azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated:
    AzureDisk is deprecated. All operations for the in-tree azureDisk type are redirected to the
    disk.csi.azure.com CSI driver.
    """

    azure_file: AzureFileVolumeSource | None = None
    """azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated:
    AzureFile is deprecated. All operations for the in-tree azureFile type are redirected to the
    file.csi.azure.com CSI driver.
    """

    cephfs: CephFSVolumeSource | None = None
    """cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated: CephFS is
    deprecated and the in-tree cephfs type is no longer supported.
    """

    cinder: CinderVolumeSource | None = None
    """cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated: Cinder is
    deprecated. All operations for the in-tree cinder type are redirected to the cinder.csi.openstack.org
    CSI driver. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    config_map: ConfigMapVolumeSource | None = None
    """configMap represents a configMap that should populate this volume"""

    csi: CSIVolumeSource | None = None
    """csi (Container Storage Interface) represents ephemeral storage that is handled by certain external CSI
    drivers.
    """

    downward_api: Annotated[DownwardAPIVolumeSource | None, Field(alias="downwardAPI")] = None
    """downwardAPI represents downward API about the pod that should populate this volume"""

    empty_dir: EmptyDirVolumeSource | None = None
    """emptyDir represents a temporary directory that shares a pod's lifetime. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#emptydir
    """

    ephemeral: EphemeralVolumeSource | None = None
    """ephemeral represents a volume that is handled by a cluster storage driver. The volume's lifecycle is
    tied to the pod that defines it - it will be created before the pod starts, and deleted when the pod is
    removed.

    Use this if: a) the volume is only needed while the pod runs, b) features of normal volumes like
    restoring from snapshot or capacity
       tracking are needed,
    c) the storage driver is specified through a storage class, and d) the storage driver supports dynamic
    volume provisioning through
       a PersistentVolumeClaim (see EphemeralVolumeSource for more
       information on the connection between this volume type
       and PersistentVolumeClaim).

    Use PersistentVolumeClaim or one of the vendor-specific APIs for volumes that persist for longer than
    the lifecycle of an individual pod.

    Use CSI for light-weight local ephemeral volumes if the CSI driver is meant to be used that way - see
    the documentation of the driver for more information.

    A pod can use both types of ephemeral volumes and persistent volumes at the same time.
    """

    fc: FCVolumeSource | None = None
    """fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to
    the pod.
    """

    flex_volume: FlexVolumeSource | None = None
    """flexVolume represents a generic volume resource that is provisioned/attached using an exec based
    plugin. Deprecated: FlexVolume is deprecated. Consider using a CSIDriver instead.
    """

    flocker: FlockerVolumeSource | None = None
    """flocker represents a Flocker volume attached to a kubelet's host machine. This depends on the Flocker
    control service being running. Deprecated: Flocker is deprecated and the in-tree flocker type is no
    longer supported.
    """

    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    """gcePersistentDisk represents a GCE Disk resource that is attached to a kubelet's host machine and then
    exposed to the pod. Deprecated: GCEPersistentDisk is deprecated. All operations for the in-tree
    gcePersistentDisk type are redirected to the pd.csi.storage.gke.io CSI driver. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    git_repo: GitRepoVolumeSource | None = None
    """gitRepo represents a git repository at a particular revision. Deprecated: GitRepo is deprecated. To
    provision a container with a git repo, mount an EmptyDir into an InitContainer that clones the repo
    using git, then mount the EmptyDir into the Pod's container.
    """

    glusterfs: GlusterfsVolumeSource | None = None
    """glusterfs represents a Glusterfs mount on the host that shares a pod's lifetime. Deprecated: Glusterfs
    is deprecated and the in-tree glusterfs type is no longer supported.
    """

    host_path: HostPathVolumeSource | None = None
    """hostPath represents a pre-existing file or directory on the host machine that is directly exposed to
    the container. This is generally used for system agents or other privileged things that are allowed to
    see the host machine. Most containers will NOT need this. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#hostpath
    """

    image: ImageVolumeSource | None = None
    """image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host
    machine. The volume is resolved at pod startup depending on which PullPolicy value is provided:

    - Always: the kubelet always attempts to pull the reference. Container creation will fail If the pull
    fails. - Never: the kubelet never pulls the reference and only uses a local image or artifact.
    Container creation will fail if the reference isn't present. - IfNotPresent: the kubelet pulls if the
    reference isn't already present on disk. Container creation will fail if the reference isn't present
    and the pull fails.

    The volume gets re-resolved if the pod gets deleted and recreated, which means that new remote content
    will become available on pod recreation. A failure to resolve or pull the image during pod startup will
    block containers from starting and may add significant latency. Failures will be retried using normal
    volume backoff and will be reported on the pod reason and message. The types of objects that may be
    mounted by this volume are defined by the container runtime implementation on a host machine and at
    minimum must include all valid types supported by the container image field. The OCI object gets
    mounted in a single directory (spec.containers[*].volumeMounts.mountPath) by merging the manifest
    layers in the same way as for container images. The volume will be mounted read-only (ro). Sub path
    mounts for containers are not supported (spec.containers[*].volumeMounts.subpath) before 1.33. The
    field spec.securityContext.fsGroupChangePolicy has no effect on this volume type.
    """

    iscsi: ISCSIVolumeSource | None = None
    """iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed
    to the pod. More info: https://kubernetes.io/docs/concepts/storage/volumes/#iscsi
    """

    name: str
    """name of the volume. Must be a DNS_LABEL and unique within the pod. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
    """

    nfs: NFSVolumeSource | None = None
    """nfs represents an NFS mount on the host that shares a pod's lifetime More info:
    https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """

    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    """persistentVolumeClaimVolumeSource represents a reference to a PersistentVolumeClaim in the same
    namespace. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
    """

    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    """photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets
    host machine. Deprecated: PhotonPersistentDisk is deprecated and the in-tree photonPersistentDisk type
    is no longer supported.
    """

    portworx_volume: PortworxVolumeSource | None = None
    """portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated:
    PortworxVolume is deprecated. All operations for the in-tree portworxVolume type are redirected to the
    pxd.portworx.com CSI driver.
    """

    projected: ProjectedVolumeSource | None = None
    """projected items for all in one resources secrets, configmaps, and downward API"""

    quobyte: QuobyteVolumeSource | None = None
    """quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated: Quobyte is
    deprecated and the in-tree quobyte type is no longer supported.
    """

    rbd: RBDVolumeSource | None = None
    """rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated: RBD is
    deprecated and the in-tree rbd type is no longer supported.
    """

    scale_io: Annotated[ScaleIOVolumeSource | None, Field(alias="scaleIO")] = None
    """scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated:
    ScaleIO is deprecated and the in-tree scaleIO type is no longer supported.
    """

    secret: SecretVolumeSource | None = None
    """secret represents a secret that should populate this volume. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#secret
    """

    storageos: StorageOSVolumeSource | None = None
    """storageOS represents a StorageOS volume attached and mounted on Kubernetes nodes. Deprecated: StorageOS
    is deprecated and the in-tree storageos type is no longer supported.
    """

    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    """vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated:
    VsphereVolume is deprecated. All operations for the in-tree vsphereVolume type are redirected to the
    csi.vsphere.vmware.com CSI driver.
    """


class VolumeSource(KubeModel):
    """VolumeSource is the source of a volume to mount. Only one of its members may be specified."""

    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    """awsElasticBlockStore represents an AWS Disk resource that is attached to a kubelet's host machine and
    then exposed to the pod. Deprecated: AWSElasticBlockStore is deprecated. All operations for the in-tree
    awsElasticBlockStore type are redirected to the ebs.csi.aws.com CSI driver. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
    """

    azure_disk: AzureDiskVolumeSource | None = None
    """azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated:
    AzureDisk is deprecated. All operations for the in-tree azureDisk type are redirected to the
    disk.csi.azure.com CSI driver.
    """

    azure_file: AzureFileVolumeSource | None = None
    """azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated:
    AzureFile is deprecated. All operations for the in-tree azureFile type are redirected to the
    file.csi.azure.com CSI driver.
    """

    cephfs: CephFSVolumeSource | None = None
    """cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated: CephFS is
    deprecated and the in-tree cephfs type is no longer supported.
    """

    cinder: CinderVolumeSource | None = None
    """cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated: Cinder is
    deprecated. All operations for the in-tree cinder type are redirected to the cinder.csi.openstack.org
    CSI driver. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
    """

    config_map: ConfigMapVolumeSource | None = None
    """configMap represents a configMap that should populate this volume"""

    csi: CSIVolumeSource | None = None
    """csi (Container Storage Interface) represents ephemeral storage that is handled by certain external CSI
    drivers.
    """

    downward_api: Annotated[DownwardAPIVolumeSource | None, Field(alias="downwardAPI")] = None
    """downwardAPI represents downward API about the pod that should populate this volume"""

    empty_dir: EmptyDirVolumeSource | None = None
    """emptyDir represents a temporary directory that shares a pod's lifetime. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#emptydir
    """

    ephemeral: EphemeralVolumeSource | None = None
    """ephemeral represents a volume that is handled by a cluster storage driver. The volume's lifecycle is
    tied to the pod that defines it - it will be created before the pod starts, and deleted when the pod is
    removed.

    Use this if: a) the volume is only needed while the pod runs, b) features of normal volumes like
    restoring from snapshot or capacity
       tracking are needed,
    c) the storage driver is specified through a storage class, and d) the storage driver supports dynamic
    volume provisioning through
       a PersistentVolumeClaim (see EphemeralVolumeSource for more
       information on the connection between this volume type
       and PersistentVolumeClaim).

    Use PersistentVolumeClaim or one of the vendor-specific APIs for volumes that persist for longer than
    the lifecycle of an individual pod.

    Use CSI for light-weight local ephemeral volumes if the CSI driver is meant to be used that way - see
    the documentation of the driver for more information.

    A pod can use both types of ephemeral volumes and persistent volumes at the same time.
    """

    fc: FCVolumeSource | None = None
    """fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to
    the pod.
    """

    flex_volume: FlexVolumeSource | None = None
    """flexVolume represents a generic volume resource that is provisioned/attached using an exec based
    plugin. Deprecated: FlexVolume is deprecated. Consider using a CSIDriver instead.
    """

    flocker: FlockerVolumeSource | None = None
    """flocker represents a Flocker volume attached to a kubelet's host machine. This depends on the Flocker
    control service being running. Deprecated: Flocker is deprecated and the in-tree flocker type is no
    longer supported.
    """

    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    """gcePersistentDisk represents a GCE Disk resource that is attached to a kubelet's host machine and then
    exposed to the pod. Deprecated: GCEPersistentDisk is deprecated. All operations for the in-tree
    gcePersistentDisk type are redirected to the pd.csi.storage.gke.io CSI driver. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
    """

    git_repo: GitRepoVolumeSource | None = None
    """gitRepo represents a git repository at a particular revision. Deprecated: GitRepo is deprecated. To
    provision a container with a git repo, mount an EmptyDir into an InitContainer that clones the repo
    using git, then mount the EmptyDir into the Pod's container.
    """

    glusterfs: GlusterfsVolumeSource | None = None
    """glusterfs represents a Glusterfs mount on the host that shares a pod's lifetime. Deprecated: Glusterfs
    is deprecated and the in-tree glusterfs type is no longer supported.
    """

    host_path: HostPathVolumeSource | None = None
    """hostPath represents a pre-existing file or directory on the host machine that is directly exposed to
    the container. This is generally used for system agents or other privileged things that are allowed to
    see the host machine. Most containers will NOT need this. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#hostpath
    """

    image: ImageVolumeSource | None = None
    """image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host
    machine. The volume is resolved at pod startup depending on which PullPolicy value is provided:

    - Always: the kubelet always attempts to pull the reference. Container creation will fail If the pull
    fails. - Never: the kubelet never pulls the reference and only uses a local image or artifact.
    Container creation will fail if the reference isn't present. - IfNotPresent: the kubelet pulls if the
    reference isn't already present on disk. Container creation will fail if the reference isn't present
    and the pull fails.

    The volume gets re-resolved if the pod gets deleted and recreated, which means that new remote content
    will become available on pod recreation. A failure to resolve or pull the image during pod startup will
    block containers from starting and may add significant latency. Failures will be retried using normal
    volume backoff and will be reported on the pod reason and message. The types of objects that may be
    mounted by this volume are defined by the container runtime implementation on a host machine and at
    minimum must include all valid types supported by the container image field. The OCI object gets
    mounted in a single directory (spec.containers[*].volumeMounts.mountPath) by merging the manifest
    layers in the same way as for container images. The volume will be mounted read-only (ro). Sub path
    mounts for containers are not supported (spec.containers[*].volumeMounts.subpath) before 1.33. The
    field spec.securityContext.fsGroupChangePolicy has no effect on this volume type.
    """

    iscsi: ISCSIVolumeSource | None = None
    """iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed
    to the pod. More info: https://kubernetes.io/docs/concepts/storage/volumes/#iscsi
    """

    nfs: NFSVolumeSource | None = None
    """nfs represents an NFS mount on the host that shares a pod's lifetime More info:
    https://kubernetes.io/docs/concepts/storage/volumes#nfs
    """

    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    """persistentVolumeClaimVolumeSource represents a reference to a PersistentVolumeClaim in the same
    namespace. More info:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
    """

    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    """photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets
    host machine. Deprecated: PhotonPersistentDisk is deprecated and the in-tree photonPersistentDisk type
    is no longer supported.
    """

    portworx_volume: PortworxVolumeSource | None = None
    """portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated:
    PortworxVolume is deprecated. All operations for the in-tree portworxVolume type are redirected to the
    pxd.portworx.com CSI driver.
    """

    projected: ProjectedVolumeSource | None = None
    """projected items for all in one resources secrets, configmaps, and downward API"""

    quobyte: QuobyteVolumeSource | None = None
    """quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated: Quobyte is
    deprecated and the in-tree quobyte type is no longer supported.
    """

    rbd: RBDVolumeSource | None = None
    """rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated: RBD is
    deprecated and the in-tree rbd type is no longer supported.
    """

    scale_io: Annotated[ScaleIOVolumeSource | None, Field(alias="scaleIO")] = None
    """scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated:
    ScaleIO is deprecated and the in-tree scaleIO type is no longer supported.
    """

    secret: SecretVolumeSource | None = None
    """secret represents a secret that should populate this volume. More info:
    https://kubernetes.io/docs/concepts/storage/volumes#secret
    """

    storageos: StorageOSVolumeSource | None = None
    """storageOS represents a StorageOS volume attached and mounted on Kubernetes nodes. Deprecated: StorageOS
    is deprecated and the in-tree storageos type is no longer supported.
    """

    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    """vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated:
    VsphereVolume is deprecated. All operations for the in-tree vsphereVolume type are redirected to the
    csi.vsphere.vmware.com CSI driver.
    """


class PodSpec(KubeModel):
    """PodSpec is a description of a pod."""

    active_deadline_seconds: int | None = None
    """Optional duration in seconds the pod may be active on the node relative to StartTime before the system
    will actively try to mark it failed and kill associated containers. Value must be a positive integer.
    """

    affinity: Affinity | None = None
    """If specified, the pod's scheduling constraints"""

    automount_service_account_token: bool | None = None
    """AutomountServiceAccountToken indicates whether a service account token should be automatically mounted."""

    containers: list[Container]
    """List of containers belonging to the pod. Containers cannot currently be added or removed. There must be
    at least one container in a Pod. Cannot be updated.
    """

    dns_config: PodDNSConfig | None = None
    """Specifies the DNS parameters of a pod. Parameters specified here will be merged to the generated DNS
    configuration based on DNSPolicy.
    """

    dns_policy: str | None = None
    """Set DNS policy for the pod. Defaults to "ClusterFirst". Valid values are 'ClusterFirstWithHostNet',
    'ClusterFirst', 'Default' or 'None'. DNS parameters given in DNSConfig will be merged with the policy
    selected with DNSPolicy. To have DNS options set along with hostNetwork, you have to specify DNS policy
    explicitly to 'ClusterFirstWithHostNet'.
    """

    enable_service_links: bool | None = None
    """EnableServiceLinks indicates whether information about services should be injected into pod's
    environment variables, matching the syntax of Docker links. Optional: Defaults to true.
    """

    ephemeral_containers: list[EphemeralContainer] | None = None
    """List of ephemeral containers run in this pod. Ephemeral containers may be run in an existing pod to
    perform user-initiated actions such as debugging. This list cannot be specified when creating a pod,
    and it cannot be modified by updating the pod spec. In order to add an ephemeral container to an
    existing pod, use the pod's ephemeralcontainers subresource.
    """

    host_aliases: list[HostAlias] | None = None
    """HostAliases is an optional list of hosts and IPs that will be injected into the pod's hosts file if
    specified.
    """

    host_ipc: Annotated[bool | None, Field(alias="hostIPC")] = None
    """Use the host's ipc namespace. Optional: Default to false."""

    host_network: bool | None = None
    """Host networking requested for this pod. Use the host's network namespace. When using HostNetwork you
    should specify ports so the scheduler is aware. When `hostNetwork` is true, specified `hostPort` fields
    in port definitions must match `containerPort`, and unspecified `hostPort` fields in port definitions
    are defaulted to match `containerPort`. Default to false.
    """

    host_pid: Annotated[bool | None, Field(alias="hostPID")] = None
    """Use the host's pid namespace. Optional: Default to false."""

    host_users: bool | None = None
    """Use the host's user namespace. Optional: Default to true. If set to true or not present, the pod will
    be run in the host user namespace, useful for when the pod needs a feature only available to the host
    user namespace, such as loading a kernel module with CAP_SYS_MODULE. When set to false, a new userns is
    created for the pod. Setting false is useful for mitigating container breakout vulnerabilities even
    allowing users to run their containers as root without actually having root privileges on the host.
    """

    hostname: str | None = None
    """Specifies the hostname of the Pod If not specified, the pod's hostname will be set to a system-defined
    value.
    """

    hostname_override: str | None = None
    """HostnameOverride specifies an explicit override for the pod's hostname as perceived by the pod. This
    field only specifies the pod's hostname and does not affect its DNS records. When this field is set to
    a non-empty string: - It takes precedence over the values set in `hostname` and `subdomain`. - The
    Pod's hostname will be set to this value. - `setHostnameAsFQDN` must be nil or set to false. -
    `hostNetwork` must be set to false.

    This field must be a valid DNS subdomain as defined in RFC 1123 and contain at most 64 characters.
    Requires the HostnameOverride feature gate to be enabled.
    """

    image_pull_secrets: list[LocalObjectReference] | None = None
    """ImagePullSecrets is an optional list of references to secrets in the same namespace to use for pulling
    any of the images used by this PodSpec. If specified, these secrets will be passed to individual puller
    implementations for them to use. More info:
    https://kubernetes.io/docs/concepts/containers/images#specifying-imagepullsecrets-on-a-pod
    """

    init_containers: list[Container] | None = None
    """List of initialization containers belonging to the pod. Init containers are executed in order prior to
    containers being started. If any init container fails, the pod is considered to have failed and is
    handled according to its restartPolicy. The name for an init container or normal container must be
    unique among all containers. Init containers may not have Lifecycle actions, Readiness probes, Liveness
    probes, or Startup probes. The resourceRequirements of an init container are taken into account during
    scheduling by finding the highest request/limit for each resource type, and then using the max of that
    value or the sum of the normal containers. Limits are applied to init containers in a similar fashion.
    Init containers cannot currently be added or removed. Cannot be updated. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
    """

    node_name: str | None = None
    """NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for
    scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node
    becomes responsible for the lifecycle of this pod. This field should not be used to express a desire
    for the pod to be scheduled on a specific node.
    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
    """

    node_selector: dict[str, str] | None = None
    """NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a
    node's labels for the pod to be scheduled on that node. More info:
    https://kubernetes.io/docs/concepts/configuration/assign-pod-node/
    """

    os: PodOS | None = None
    """Specifies the OS of the containers in the pod. Some pod and container fields are restricted if this is
    set.

    If the OS field is set to linux, the following fields must be unset: -securityContext.windowsOptions

    If the OS field is set to windows, following fields must be unset: - spec.hostPID - spec.hostIPC -
    spec.hostUsers - spec.resources - spec.securityContext.appArmorProfile -
    spec.securityContext.seLinuxOptions - spec.securityContext.seccompProfile -
    spec.securityContext.fsGroup - spec.securityContext.fsGroupChangePolicy - spec.securityContext.sysctls
    - spec.shareProcessNamespace - spec.securityContext.runAsUser - spec.securityContext.runAsGroup -
    spec.securityContext.supplementalGroups - spec.securityContext.supplementalGroupsPolicy -
    spec.containers[*].securityContext.appArmorProfile - spec.containers[*].securityContext.seLinuxOptions
    - spec.containers[*].securityContext.seccompProfile - spec.containers[*].securityContext.capabilities -
    spec.containers[*].securityContext.readOnlyRootFilesystem -
    spec.containers[*].securityContext.privileged -
    spec.containers[*].securityContext.allowPrivilegeEscalation -
    spec.containers[*].securityContext.procMount - spec.containers[*].securityContext.runAsUser -
    spec.containers[*].securityContext.runAsGroup
    """

    overhead: dict[str, Quantity] | None = None
    """Overhead represents the resource overhead associated with running a pod for a given RuntimeClass. This
    field will be autopopulated at admission time by the RuntimeClass admission controller. If the
    RuntimeClass admission controller is enabled, overhead must not be set in Pod create requests. The
    RuntimeClass admission controller will reject Pod create requests which have the overhead already set.
    If RuntimeClass is configured and selected in the PodSpec, Overhead will be set to the value defined in
    the corresponding RuntimeClass, otherwise it will remain unset and treated as zero. More info:
    https://git.k8s.io/enhancements/keps/sig-node/688-pod-overhead/README.md
    """

    preemption_policy: str | None = None
    """PreemptionPolicy is the Policy for preempting pods with lower priority. One of Never,
    PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.
    """

    priority: int | None = None
    """The priority value. Various system components use this field to find the priority of the pod. When
    Priority Admission Controller is enabled, it prevents users from setting this field. The admission
    controller populates this field from PriorityClassName. The higher the value, the higher the priority.
    """

    priority_class_name: str | None = None
    """If specified, indicates the pod's priority. "system-node-critical" and "system-cluster-critical" are
    two special keywords which indicate the highest priorities with the former being the highest priority.
    Any other name must be defined by creating a PriorityClass object with that name. If not specified, the
    pod priority will be default or zero if there is no default.
    """

    readiness_gates: list[PodReadinessGate] | None = None
    """If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its
    containers are ready AND all conditions specified in the readiness gates have status equal to "True"
    More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates
    """

    resource_claims: list[PodResourceClaim] | None = None
    """ResourceClaims defines which ResourceClaims must be allocated and reserved before the Pod is allowed to
    start. The resources will be made available to those containers which consume them by name.

    This is a stable field but requires that the DynamicResourceAllocation feature gate is enabled.

    This field is immutable.
    """

    resources: ResourceRequirements | None = None
    """Resources is the total amount of CPU and Memory resources required by all containers in the pod. It
    supports specifying Requests and Limits for "cpu", "memory" and "hugepages-" resource names only.
    ResourceClaims are not supported.

    This field enables fine-grained control over resource allocation for the entire pod, allowing resource
    sharing among containers in a pod.

    This is an alpha field and requires enabling the PodLevelResources feature gate.
    """

    restart_policy: str | None = None
    """Restart policy for all containers within the pod. One of Always, OnFailure, Never. In some contexts,
    only a subset of those values may be permitted. Default to Always. More info:
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
    """

    runtime_class_name: str | None = None
    """RuntimeClassName refers to a RuntimeClass object in the node.k8s.io group, which should be used to run
    this pod.  If no RuntimeClass resource matches the named class, the pod will not be run. If unset or
    empty, the "legacy" RuntimeClass will be used, which is an implicit class with an empty definition that
    uses the default runtime handler. More info:
    https://git.k8s.io/enhancements/keps/sig-node/585-runtime-class
    """

    scheduler_name: str | None = None
    """If specified, the pod will be dispatched by specified scheduler. If not specified, the pod will be
    dispatched by default scheduler.
    """

    scheduling_gates: list[PodSchedulingGate] | None = None
    """SchedulingGates is an opaque list of values that if specified will block scheduling the pod. If
    schedulingGates is not empty, the pod will stay in the SchedulingGated state and the scheduler will not
    attempt to schedule the pod.

    SchedulingGates can only be set at pod creation time, and be removed only afterwards.
    """

    scheduling_group: PodSchedulingGroup | None = None
    """SchedulingGroup provides a reference to the immediate scheduling runtime grouping object that this Pod
    belongs to. This field is used by the scheduler to identify the group and apply the correct group
    scheduling policies. The association with a group also impacts other lifecycle aspects of a Pod that
    are relevant in a wider context of scheduling like preemption, resource attachment, etc. If not
    specified, the Pod is treated as a single unit in all of these aspects. The group object referenced by
    this field may not exist at the time the Pod is created. This field is immutable, but a group object
    with the same name may be recreated with different policies. Doing this during pod scheduling may
    result in the placement not conforming to the expected policies.
    """

    security_context: PodSecurityContext | None = None
    """SecurityContext holds pod-level security attributes and common container settings. Optional: Defaults
    to empty.  See type description for default values of each field.
    """

    service_account: str | None = None
    """DeprecatedServiceAccount is a deprecated alias for ServiceAccountName. Deprecated: Use
    serviceAccountName instead.
    """

    service_account_name: str | None = None
    """ServiceAccountName is the name of the ServiceAccount to use to run this pod. More info:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
    """

    set_hostname_as_fqdn: Annotated[bool | None, Field(alias="setHostnameAsFQDN")] = None
    """If true the pod's hostname will be configured as the pod's FQDN, rather than the leaf name (the
    default). In Linux containers, this means setting the FQDN in the hostname field of the kernel (the
    nodename field of struct utsname). In Windows containers, this means setting the registry value of
    hostname for the registry key
    HKEY_LOCAL_MACHINE\\\\SYSTEM\\\\CurrentControlSet\\\\Services\\\\Tcpip\\\\Parameters to FQDN. If a pod
    does not have FQDN, this has no effect. Default to false.
    """

    share_process_namespace: bool | None = None
    """Share a single process namespace between all of the containers in a pod. When this is set containers
    will be able to view and signal processes from other containers in the same pod, and the first process
    in each container will not be assigned PID 1. HostPID and ShareProcessNamespace cannot both be set.
    Optional: Default to false.
    """

    subdomain: str | None = None
    """If specified, the fully qualified Pod hostname will be "<hostname>.<subdomain>.<pod
    namespace>.svc.<cluster domain>". If not specified, the pod will not have a domainname at all.
    """

    termination_grace_period_seconds: int | None = None
    """Optional duration in seconds the pod needs to terminate gracefully. May be decreased in delete request.
    Value must be non-negative integer. The value zero indicates stop immediately via the kill signal (no
    opportunity to shut down). If this value is nil, the default grace period will be used instead. The
    grace period is the duration in seconds after the processes running in the pod are sent a termination
    signal and the time when the processes are forcibly halted with a kill signal. Set this value longer
    than the expected cleanup time for your process. Defaults to 30 seconds.
    """

    tolerations: list[Toleration] | None = None
    """If specified, the pod's tolerations."""

    topology_spread_constraints: list[TopologySpreadConstraint] | None = None
    """TopologySpreadConstraints describes how a group of pods ought to spread across topology domains.
    Scheduler will schedule pods in a way which abides by the constraints. All topologySpreadConstraints
    are ANDed.
    """

    volumes: list[Volume] | None = None
    """List of volumes that can be mounted by containers belonging to the pod. More info:
    https://kubernetes.io/docs/concepts/storage/volumes
    """


class PodTemplateSpec(KubeModel):
    """PodTemplateSpec describes the data a pod should have when created from a template"""

    metadata: ObjectMeta | None = None
    """Standard object's metadata. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
    """

    spec: PodSpec | None = None
    """Specification of the desired behavior of the pod. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class StatefulSetSpec(KubeModel):
    """A StatefulSetSpec is the specification of a StatefulSet."""

    min_ready_seconds: int | None = None
    """Minimum number of seconds for which a newly created pod should be ready without any of its container
    crashing for it to be considered available. Defaults to 0 (pod will be considered available as soon as
    it is ready)
    """

    ordinals: StatefulSetOrdinals | None = None
    """ordinals controls the numbering of replica indices in a StatefulSet. The default ordinals behavior
    assigns a "0" index to the first replica and increments the index by one for each additional replica
    requested.
    """

    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = None
    """persistentVolumeClaimRetentionPolicy describes the lifecycle of persistent volume claims created from
    volumeClaimTemplates. By default, all persistent volume claims are created as needed and retained until
    manually deleted. This policy allows the lifecycle to be altered, for example by deleting persistent
    volume claims when their stateful set is deleted, or when their pod is scaled down.
    """

    pod_management_policy: str | None = None
    """podManagementPolicy controls how pods are created during initial scale up, when replacing pods on
    nodes, or when scaling down. The default policy is `OrderedReady`, where pods are created in increasing
    order (pod-0, then pod-1, etc) and the controller will wait until each pod is ready before continuing.
    When scaling down, the pods are removed in the opposite order. The alternative policy is `Parallel`
    which will create pods in parallel to match the desired scale without waiting, and on scale down will
    delete all pods at once.
    """

    replicas: int | None = None
    """replicas is the desired number of replicas of the given Template. These are replicas in the sense that
    they are instantiations of the same Template, but individual replicas also have a consistent identity.
    If unspecified, defaults to 1.
    """

    revision_history_limit: int | None = None
    """revisionHistoryLimit is the maximum number of revisions that will be maintained in the StatefulSet's
    revision history. The revision history consists of all revisions not represented by a currently applied
    StatefulSetSpec version. The default value is 10.
    """

    selector: LabelSelector
    """selector is a label query over pods that should match the replica count. It must match the pod
    template's labels. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """

    service_name: str | None = None
    """serviceName is the name of the service that governs this StatefulSet. This service must exist before
    the StatefulSet, and is responsible for the network identity of the set. Pods get DNS/hostnames that
    follow the pattern: pod-specific-string.serviceName.default.svc.cluster.local where
    "pod-specific-string" is managed by the StatefulSet controller.
    """

    template: PodTemplateSpec
    """template is the object that describes the pod that will be created if insufficient replicas are
    detected. Each pod stamped out by the StatefulSet will fulfill this Template, but have a unique
    identity from the rest of the StatefulSet. Each pod will be named with the format
    <statefulsetname>-<podindex>. For example, a pod in a StatefulSet named "web" with index number "3"
    would be named "web-3". The only allowed template.spec.restartPolicy value is "Always".
    """

    update_strategy: StatefulSetUpdateStrategy | None = None
    """updateStrategy indicates the StatefulSetUpdateStrategy that will be employed to update Pods in the
    StatefulSet when a revision is made to Template.
    """

    volume_claim_templates: list[PersistentVolumeClaim] | None = None
    """volumeClaimTemplates is a list of claims that pods are allowed to reference. The StatefulSet controller
    is responsible for mapping network identities to claims in a way that maintains the identity of a pod.
    Every claim in this list must have at least one matching (by name) volumeMount in one container in the
    template. A claim in this list takes precedence over any volumes in the template, with the same name.
    """


class DaemonSetSpec(KubeModel):
    """DaemonSetSpec is the specification of a daemon set."""

    min_ready_seconds: int | None = None
    """The minimum number of seconds for which a newly created DaemonSet pod should be ready without any of
    its container crashing, for it to be considered available. Defaults to 0 (pod will be considered
    available as soon as it is ready).
    """

    revision_history_limit: int | None = None
    """The number of old history to retain to allow rollback. This is a pointer to distinguish between
    explicit zero and not specified. Defaults to 10.
    """

    selector: LabelSelector
    """A label query over pods that are managed by the daemon set. Must match in order to be controlled. It
    must match the pod template's labels. More info:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """

    template: PodTemplateSpec
    """An object that describes the pod that will be created. The DaemonSet will create exactly one copy of
    this pod on every node that matches the template's node selector (or on every node if no node selector
    is specified). The only allowed template.spec.restartPolicy value is "Always". More info:
    https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#pod-template
    """

    update_strategy: DaemonSetUpdateStrategy | None = None
    """An update strategy to replace existing DaemonSet pods with new pods."""


class DeploymentSpec(KubeModel):
    """DeploymentSpec is the specification of the desired behavior of the Deployment."""

    min_ready_seconds: int | None = None
    """Minimum number of seconds for which a newly created pod should be ready without any of its container
    crashing, for it to be considered available. Defaults to 0 (pod will be considered available as soon as
    it is ready)
    """

    paused: bool | None = None
    """Indicates that the deployment is paused."""

    progress_deadline_seconds: int | None = None
    """The maximum time in seconds for a deployment to make progress before it is considered to be failed. The
    deployment controller will continue to process failed deployments and a condition with a
    ProgressDeadlineExceeded reason will be surfaced in the deployment status. Note that progress will not
    be estimated during the time a deployment is paused. Defaults to 600s.
    """

    replicas: int | None = None
    """Number of desired pods. This is a pointer to distinguish between explicit zero and not specified.
    Defaults to 1.
    """

    revision_history_limit: int | None = None
    """The number of old ReplicaSets to retain to allow rollback. This is a pointer to distinguish between
    explicit zero and not specified. Defaults to 10.
    """

    selector: LabelSelector
    """Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected
    by this deployment. It must match the pod template's labels.
    """

    strategy: DeploymentStrategy | None = None
    """The deployment strategy to use to replace existing pods with new ones."""

    template: PodTemplateSpec
    """Template describes the pods that will be created. The only allowed template.spec.restartPolicy value is
    "Always".
    """


class JobSpec(KubeModel):
    """JobSpec describes how the job execution will look like."""

    active_deadline_seconds: int | None = None
    """Specifies the duration in seconds relative to the startTime that the job may be continuously active
    before the system tries to terminate it; value must be positive integer. If a Job is suspended (at
    creation or through an update), this timer will effectively be stopped and reset when the Job is
    resumed again.
    """

    backoff_limit: int | None = None
    """Specifies the number of retries before marking this job failed. Defaults to 6, unless
    backoffLimitPerIndex (only Indexed Job) is specified. When backoffLimitPerIndex is specified,
    backoffLimit defaults to 2147483647.
    """

    backoff_limit_per_index: int | None = None
    """Specifies the limit for the number of retries within an index before marking this index as failed. When
    enabled the number of failures per index is kept in the pod's
    batch.kubernetes.io/job-index-failure-count annotation. It can only be set when Job's
    completionMode=Indexed, and the Pod's restart policy is Never. The field is immutable.
    """

    completion_mode: str | None = None
    """completionMode specifies how Pod completions are tracked. It can be `NonIndexed` (default) or
    `Indexed`.

    `NonIndexed` means that the Job is considered complete when there have been .spec.completions
    successfully completed Pods. Each Pod completion is homologous to each other.

    `Indexed` means that the Pods of a Job get an associated completion index from 0 to (.spec.completions
    - 1), available in the annotation batch.kubernetes.io/job-completion-index. The Job is considered
    complete when there is one successfully completed Pod for each index. When value is `Indexed`,
    .spec.completions must be specified and `.spec.parallelism` must be less than or equal to 10^5. In
    addition, The Pod name takes the form `$(job-name)-$(index)-$(random-string)`, the Pod hostname takes
    the form `$(job-name)-$(index)`.

    More completion modes can be added in the future. If the Job controller observes a mode that it doesn't
    recognize, which is possible during upgrades due to version skew, the controller skips updates for the
    Job.
    """

    completions: int | None = None
    """Specifies the desired number of successfully finished pods the job should be run with.  Setting to null
    means that the success of any pod signals the success of all pods, and allows parallelism to have any
    positive value.  Setting to 1 means that parallelism is limited to 1 and the success of that pod
    signals the success of the job. More info:
    https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/
    """

    managed_by: str | None = None
    """ManagedBy field indicates the controller that manages a Job. The k8s Job controller reconciles jobs
    which don't have this field at all or the field value is the reserved string
    `kubernetes.io/job-controller`, but skips reconciling Jobs with a custom value for this field. The
    value must be a valid domain-prefixed path (e.g. acme.io/foo) - all characters before the first "/"
    must be a valid subdomain as defined by RFC 1123. All characters trailing the first "/" must be valid
    HTTP Path characters as defined by RFC 3986. The value cannot exceed 63 characters. This field is
    immutable.
    """

    manual_selector: bool | None = None
    """manualSelector controls generation of pod labels and pod selectors. Leave `manualSelector` unset unless
    you are certain what you are doing. When false or unset, the system pick labels unique to this job and
    appends those labels to the pod template.  When true, the user is responsible for picking unique labels
    and specifying the selector.  Failure to pick a unique label may cause this and other jobs to not
    function correctly.  However, You may see `manualSelector=true` in jobs that were created with the old
    `extensions/v1beta1` API. More info:
    https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/#specifying-your-own-pod-selector
    """

    max_failed_indexes: int | None = None
    """Specifies the maximal number of failed indexes before marking the Job as failed, when
    backoffLimitPerIndex is set. Once the number of failed indexes exceeds this number the entire Job is
    marked as Failed and its execution is terminated. When left as null the job continues execution of all
    of its indexes and is marked with the `Complete` Job condition. It can only be specified when
    backoffLimitPerIndex is set. It can be null or up to completions. It is required and must be less than
    or equal to 10^4 when is completions greater than 10^5.
    """

    parallelism: int | None = None
    """Specifies the maximum desired number of pods the job should run at any given time. The actual number of
    pods running in steady state will be less than this number when ((.spec.completions -
    .status.successful) < .spec.parallelism), i.e. when the work left to do is less than max parallelism.
    More info: https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/
    """

    pod_failure_policy: PodFailurePolicy | None = None
    """Specifies the policy of handling failed pods. In particular, it allows to specify the set of actions
    and conditions which need to be satisfied to take the associated action. If empty, the default
    behaviour applies - the counter of failed pods, represented by the jobs's .status.failed field, is
    incremented and it is checked against the backoffLimit. This field cannot be used in combination with
    restartPolicy=OnFailure.
    """

    pod_replacement_policy: str | None = None
    """podReplacementPolicy specifies when to create replacement Pods. Possible values are: -
    TerminatingOrFailed means that we recreate pods
      when they are terminating (has a metadata.deletionTimestamp) or failed.
    - Failed means to wait until a previously created Pod is fully terminated (has phase
      Failed or Succeeded) before creating a replacement Pod.

    When using podFailurePolicy, Failed is the the only allowed value. TerminatingOrFailed and Failed are
    allowed values when podFailurePolicy is not in use.
    """

    selector: LabelSelector | None = None
    """A label query over pods that should match the pod count. Normally, the system sets this field for you.
    More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """

    success_policy: SuccessPolicy | None = None
    """successPolicy specifies the policy when the Job can be declared as succeeded. If empty, the default
    behavior applies - the Job is declared as succeeded only when the number of succeeded pods equals to
    the completions. When the field is specified, it must be immutable and works only for the Indexed Jobs.
    Once the Job meets the SuccessPolicy, the lingering pods are terminated.
    """

    suspend: bool | None = None
    """suspend specifies whether the Job controller should create Pods or not. If a Job is created with
    suspend set to true, no Pods are created by the Job controller. If a Job is suspended after creation
    (i.e. the flag goes from false to true), the Job controller will delete all active Pods associated with
    this Job. Users must design their workload to gracefully handle this. Suspending a Job will reset the
    StartTime field of the Job, effectively resetting the ActiveDeadlineSeconds timer too. Defaults to
    false.
    """

    template: PodTemplateSpec
    """Describes the pod that will be created when executing a job. The only allowed
    template.spec.restartPolicy values are "Never" or "OnFailure". More info:
    https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/
    """

    ttl_seconds_after_finished: int | None = None
    """ttlSecondsAfterFinished limits the lifetime of a Job that has finished execution (either Complete or
    Failed). If this field is set, ttlSecondsAfterFinished after the Job finishes, it is eligible to be
    automatically deleted. When the Job is being deleted, its lifecycle guarantees (e.g. finalizers) will
    be honored. If this field is unset, the Job won't be automatically deleted. If this field is set to
    zero, the Job becomes eligible to be deleted immediately after it finishes.
    """


class JobTemplateSpec(KubeModel):
    """JobTemplateSpec describes the data a Job should have when created from a template"""

    metadata: ObjectMeta | None = None
    """Standard object's metadata of the jobs created from this template. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
    """

    spec: JobSpec | None = None
    """Specification of the desired behavior of the job. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class Pod(KubeObject):
    """Pod is a collection of containers that can run on a host. This resource is created by clients and
    scheduled onto hosts.
    """

    resource: ClassVar[Resource] = Resource("", "v1", "Pod", "pods", namespaced=True)

    api_version: Literal["v1"] = "v1"
    """Version of the schema."""

    kind: Literal["Pod"] = "Pod"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: PodSpec | None = None
    """Specification of the desired behavior of the pod. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: PodStatus | None = None
    """Most recently observed status of the pod. This data may not be up to date. Populated by the system.
    Read-only. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class StatefulSet(KubeObject):
    """StatefulSet represents a set of pods with consistent identities. Identities are defined as:
      - Network: A single stable DNS and hostname.
      - Storage: As many VolumeClaims as requested.

    The StatefulSet guarantees that a given network identity will always map to the same storage identity.
    """

    resource: ClassVar[Resource] = Resource("apps", "v1", "StatefulSet", "statefulsets", namespaced=True)

    api_version: Literal["apps/v1"] = "apps/v1"
    """Version of the schema."""

    kind: Literal["StatefulSet"] = "StatefulSet"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: StatefulSetSpec | None = None
    """Spec defines the desired identities of pods in this set."""

    status: StatefulSetStatus | None = None
    """Status is the current status of Pods in this StatefulSet. This data may be out of date by some window
    of time.
    """


class CronJobSpec(KubeModel):
    """CronJobSpec describes how the job execution will look like and when it will actually run."""

    concurrency_policy: str | None = None
    """Specifies how to treat concurrent executions of a Job. Valid values are:

    - "Allow" (default): allows CronJobs to run concurrently; - "Forbid": forbids concurrent runs, skipping
    next run if previous run hasn't finished yet; - "Replace": cancels currently running job and replaces
    it with a new one
    """

    failed_jobs_history_limit: int | None = None
    """The number of failed finished jobs to retain. Value must be non-negative integer. Defaults to 1."""

    job_template: JobTemplateSpec
    """Specifies the job that will be created when executing a CronJob."""

    schedule: str
    """The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."""

    starting_deadline_seconds: int | None = None
    """Optional deadline in seconds for starting the job if it misses scheduled time for any reason.  Missed
    jobs executions will be counted as failed ones.
    """

    successful_jobs_history_limit: int | None = None
    """The number of successful finished jobs to retain. Value must be non-negative integer. Defaults to 3."""

    suspend: bool | None = None
    """This flag tells the controller to suspend subsequent executions, it does not apply to already started
    executions.  Defaults to false.
    """

    time_zone: str | None = None
    """The time zone name for the given schedule, see
    https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to
    the time zone of the kube-controller-manager process. The set of valid time zone names and the time
    zone offset is loaded from the system-wide time zone database by the API server during CronJob
    validation and the controller manager during execution. If no system-wide time zone database can be
    found a bundled version of the database is used instead. If the time zone name becomes invalid during
    the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating
    new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be
    found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
    """


class DaemonSet(KubeObject):
    """DaemonSet represents the configuration of a daemon set."""

    resource: ClassVar[Resource] = Resource("apps", "v1", "DaemonSet", "daemonsets", namespaced=True)

    api_version: Literal["apps/v1"] = "apps/v1"
    """Version of the schema."""

    kind: Literal["DaemonSet"] = "DaemonSet"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DaemonSetSpec | None = None
    """The desired behavior of this daemon set. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: DaemonSetStatus | None = None
    """The current status of this daemon set. This data may be out of date by some window of time. Populated
    by the system. Read-only. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class Deployment(KubeObject):
    """Deployment enables declarative updates for Pods and ReplicaSets."""

    resource: ClassVar[Resource] = Resource("apps", "v1", "Deployment", "deployments", namespaced=True)

    api_version: Literal["apps/v1"] = "apps/v1"
    """Version of the schema."""

    kind: Literal["Deployment"] = "Deployment"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DeploymentSpec | None = None
    """Specification of the desired behavior of the Deployment."""

    status: DeploymentStatus | None = None
    """Most recently observed status of the Deployment."""


class Job(KubeObject):
    """Job represents the configuration of a single job."""

    resource: ClassVar[Resource] = Resource("batch", "v1", "Job", "jobs", namespaced=True)

    api_version: Literal["batch/v1"] = "batch/v1"
    """Version of the schema."""

    kind: Literal["Job"] = "Job"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: JobSpec | None = None
    """Specification of the desired behavior of a job. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: JobStatus | None = None
    """Current status of a job. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """


class CronJob(KubeObject):
    """CronJob represents the configuration of a single cron job."""

    resource: ClassVar[Resource] = Resource("batch", "v1", "CronJob", "cronjobs", namespaced=True)

    api_version: Literal["batch/v1"] = "batch/v1"
    """Version of the schema."""

    kind: Literal["CronJob"] = "CronJob"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: CronJobSpec
    """Specification of the desired behavior of a cron job, including the schedule. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """

    status: CronJobStatus | None = None
    """Current status of a cron job. More info:
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
    """
