using System.Text;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Support;

/// <summary>An archive as a certain program writes it, and what is in it.</summary>
/// <param name="Name">The program, and the way it was asked.</param>
/// <param name="Archive">The members.</param>
/// <param name="Images">What must come out, in order: the images of each entry and its names.</param>
internal sealed record ArchiveShape(
    string Name,
    ArchiveBuilder Archive,
    params (ImageBuilder[] Images, string[] Names)[] Images
)
{
    /// <summary>
    /// Whether the configurations are made while loading, so that the IDs are not those of the images.
    /// </summary>
    public bool IsLegacy { get; init; }
}

/// <summary>
/// Archives in every shape that programs of the field write: which members, in which order, under which names, with
/// which metadata. The images in them are made here; real ones are in the corpus.
/// </summary>
internal static class ArchiveShapes
{
    /// <summary>Made once; nobody may change them.</summary>
    public static IReadOnlyList<ArchiveShape> All { get; } =
    [
        Docker24(),
        Docker26(),
        DockerContainerd(),
        Docker19(),
        PodmanDocker(),
        PodmanOci(),
        Buildah(),
        GoContainerRegistry("kaniko"),
        GoContainerRegistry("ko", "ko.local/app-1", "ko.local/app-2"),
        CraneLayout(),
        Jib(),
        BazelRulesDocker(),
        BazelRulesOci(),
        SkopeoDocker(),
        SkopeoOci("v9"),
        SkopeoOci("example.com/demo/app:1"),
        SkopeoLayoutOfSeveral(),
        SdkDocker(),
        SdkOci(),
        SdkOfSeveralPlatforms(),
        NestedIndexes(),
        DotSlash(),
        ZstdLayers(),
        NoLayers(),
    ];

    private static ImageBuilder Image(string seed = "app") => ImageBuilder.Of(3, seed);

    private static ImageBuilder Gzip(ImageBuilder image) => image.Compressed(CompressionKind.Gzip);

    private static string V1Id(ImageBuilder image, int layer) =>
        Digest.Of(Encoding.UTF8.GetBytes($"{image.Id} {layer}")).Hex;

    private static JsonObject Entry(string config, string[]? tags, IEnumerable<string> layers) =>
        new()
        {
            ["Config"] = config,
            ["RepoTags"] = tags is null ? null : new JsonArray([.. tags.Select(tag => (JsonNode)tag)]),
            ["Layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer)]),
        };

    private static JsonObject Repositories(string repository, string tag, string id) =>
        new() { [repository] = new JsonObject { [tag] = id } };

    /// <summary>
    /// docker save up to 24: a folder per layer, a link for a layer that comes again, repositories last.
    /// </summary>
    private static ArchiveShape Docker24()
    {
        byte[][] tars = [ImageBuilder.TarOf(("a", "1")), ImageBuilder.TarOf(("b", "2"))];
        var image = new ImageBuilder().Layer(tars[0]).Layer(tars[1]).Layer(tars[0]);
        var archive = new ArchiveBuilder();
        for (var i = 0; i < 3; i++)
        {
            archive
                .Add(V1Id(image, i) + "/", "")
                .Add(V1Id(image, i) + "/VERSION", "1.0")
                .Add(V1Id(image, i) + "/json", $$"""{"id":"{{V1Id(image, i)}}"}""");
            _ =
                i < 2
                    ? archive.Add(V1Id(image, i) + "/layer.tar", tars[i])
                    : archive.Add($"{V1Id(image, i)}/layer.tar -> ../{V1Id(image, 0)}/layer.tar", "");
        }

        archive
            .Add($"{image.Id.Digest.Hex}.json", image.Config)
            .Add(
                "manifest.json",
                new JsonArray(
                    Entry(
                        $"{image.Id.Digest.Hex}.json",
                        ["demo:1", "demo:2"],
                        Enumerable.Range(0, 3).Select(i => V1Id(image, i) + "/layer.tar")
                    )
                )
            )
            .Add("repositories", Repositories("demo", "1", V1Id(image, 2)));
        return new ArchiveShape("Docker 24", archive, ([image], ["demo:1", "demo:2"]));
    }

    /// <summary>
    /// docker save from 25 on: a layout and manifest.json over plain layers, orphans of the old format among the blobs,
    /// folders as members.
    /// </summary>
    private static ArchiveShape Docker26()
    {
        var (one, two) = (Image(), Image("two"));
        var archive = new ArchiveBuilder()
            .Add("blobs/", "")
            .Add("blobs/sha256/", "")
            .AddBlob("""{"id":"an orphan of the old format"}"""u8.ToArray());
        var list = new JsonArray();
        foreach (var (image, tag) in new[] { (one, "one:1"), (two, (string?)null) })
        {
            foreach (var blob in image.Blobs)
            {
                archive.AddBlob(blob);
            }

            var entry = Entry(
                ArchiveBuilder.BlobPath(image.Config),
                tag is null ? null : [tag],
                image.LayerBlobs.Select(ArchiveBuilder.BlobPath)
            );
            entry["LayerSources"] = new JsonObject(
                image.LayerBlobs.Select(blob =>
                    KeyValuePair.Create(
                        Digest.Of(blob).Value,
                        (JsonNode?)ImageBuilder.Describe(MediaTypes.OciLayer, blob)
                    )
                )
            );
            list.Add(entry);
        }

        // What has no name is missing from its index.json.
        var descriptor = one.Descriptor;
        descriptor["annotations"] = new JsonObject
        {
            ["io.containerd.image.name"] = "docker.io/library/one:1",
            ["org.opencontainers.image.ref.name"] = "1",
        };
        archive
            .Add("index.json", ArchiveBuilder.IndexOf([descriptor]))
            .Add("manifest.json", list)
            .Add("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}")
            .Add("repositories", Repositories("one", "1", Digest.Of(one.LayerBlobs[^1]).Hex));
        return new ArchiveShape("Docker 26", archive, ([one], ["one:1"]), ([two], []));
    }

    /// <summary>
    /// docker save of the containerd store: an index with the image pulled, one that is not, and an attestation;
    /// Docker's media types.
    /// </summary>
    private static ArchiveShape DockerContainerd()
    {
        var (host, absent) = (Gzip(Image()), Gzip(Image("absent")).For("linux", "s390x"));
        var manifest = Encoding.UTF8.GetBytes(
            Encoding
                .UTF8.GetString(host.Manifest)
                .Replace("\\u002B", "+", StringComparison.Ordinal)
                .Replace(MediaTypes.OciManifest, MediaTypes.DockerManifest, StringComparison.Ordinal)
                .Replace(MediaTypes.OciConfig, MediaTypes.DockerConfig, StringComparison.Ordinal)
                .Replace(
                    MediaTypes.OciLayerOf(CompressionKind.Gzip),
                    "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    StringComparison.Ordinal
                )
        );
        var descriptor = ImageBuilder.Describe(MediaTypes.DockerManifest, manifest);
        descriptor["platform"] = new JsonObject { ["architecture"] = "amd64", ["os"] = "linux" };
        var attestation = new ImageBuilder().Layer("{}"u8.ToArray());
        var attached = ImageBuilder.Describe(MediaTypes.OciManifest, attestation.Manifest);
        attached["platform"] = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" };
        attached["annotations"] = new JsonObject
        {
            ["vnd.docker.reference.type"] = "attestation-manifest",
            ["vnd.docker.reference.digest"] = Digest.Of(manifest).Value,
        };
        var index = ArchiveBuilder.IndexOf([descriptor, absent.Descriptor, attached]);
        var archive = ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciIndex, index), "docker.io/library/demo:1")],
            [index, manifest, host.Config, .. host.LayerBlobs, absent.Manifest, .. attestation.Blobs]
        );
        archive.Add(
            "manifest.json",
            new JsonArray(
                Entry(ArchiveBuilder.BlobPath(host.Config), ["demo:1"], host.LayerBlobs.Select(ArchiveBuilder.BlobPath))
            )
        );
        return new ArchiveShape("Docker, containerd store", archive, ([host], ["demo:1"]));
    }

    /// <summary>docker save before 1.10: no manifest.json, an image is a chain of folders.</summary>
    private static ArchiveShape Docker19()
    {
        var image = Image();
        var archive = new ArchiveBuilder();
        for (var i = 0; i < 3; i++)
        {
            var parent = i == 0 ? "" : $"\"parent\":\"{V1Id(image, i - 1)}\",";
            archive
                .Add(V1Id(image, i) + "/", "")
                .Add(V1Id(image, i) + "/VERSION", "1.0")
                .Add(
                    V1Id(image, i) + "/json",
                    $$$"""{"id":"{{{V1Id(image, i)}}}",{{{parent}}}"os":"linux","architecture":"amd64","config":{"Cmd":["/bin/sh"]}}"""
                )
                .Add(V1Id(image, i) + "/layer.tar", image.Tars[i]);
        }

        return new ArchiveShape(
            "Docker 1.9",
            archive.Add("repositories", Repositories("demo", "1", V1Id(image, 2))),
            ([image], ["demo:1"])
        )
        {
            IsLegacy = true,
        };
    }

    /// <summary>
    /// podman save and podman save -m: layers first, named by their DiffIDs, then links to them in folders of the old
    /// format.
    /// </summary>
    private static ArchiveShape PodmanDocker()
    {
        var (one, two) = (Image(), new ImageBuilder().Layer(Image().Tars[0]).Layer(("other", "")));
        return new ArchiveShape(
            "podman docker-archive",
            DiffIdArchive((one, ["localhost/one:1"]), (two, ["localhost/two:1"])),
            ([one], ["localhost/one:1"]),
            ([two], ["localhost/two:1"])
        );
    }

    /// <summary>skopeo copy ... docker-archive: the same.</summary>
    private static ArchiveShape SkopeoDocker()
    {
        var image = Image();
        return new ArchiveShape("skopeo docker-archive", DiffIdArchive((image, null)), ([image], []));
    }

    private static ArchiveBuilder DiffIdArchive(params (ImageBuilder Image, string[]? Tags)[] images)
    {
        var archive = new ArchiveBuilder();
        foreach (var (image, _) in images)
        {
            for (var i = 0; i < image.Tars.Count; i++)
            {
                var name = $"{image.DiffIds[i].Digest.Hex}.tar";
                if (archive.Members.All(member => member.Name != name))
                {
                    archive.Add(name, image.Tars[i]);
                }
            }

            archive.Add($"{image.Id.Digest.Hex}.json", image.Config);
            for (var i = 0; i < image.Tars.Count; i++)
            {
                archive
                    .Add($"{V1Id(image, i)}/layer.tar -> ../{image.DiffIds[i].Digest.Hex}.tar", "")
                    .Add(V1Id(image, i) + "/VERSION", "1.0")
                    .Add(V1Id(image, i) + "/json", $$"""{"id":"{{V1Id(image, i)}}"}""");
            }
        }

        return archive
            .Add("repositories", new JsonObject())
            .Add(
                "manifest.json",
                new JsonArray([
                    .. images.Select(image =>
                        Entry(
                            $"{image.Image.Id.Digest.Hex}.json",
                            image.Tags,
                            image.Image.DiffIds.Select(diffId => $"{diffId.Digest.Hex}.tar")
                        )
                    ),
                ])
            );
    }

    private static ArchiveShape PodmanOci()
    {
        var image = Gzip(Image());
        return new ArchiveShape(
            "podman oci-archive",
            RefNamed(image, "localhost/demo:1"),
            ([image], ["localhost/demo:1"])
        );
    }

    /// <summary>buildah push --all of a manifest list: an index behind one name.</summary>
    private static ArchiveShape Buildah()
    {
        ImageBuilder[] images = [Gzip(Image()), Gzip(Image("arm")).For("linux", "arm64", "v8")];
        var index = ArchiveBuilder.IndexOf(images.Select(image => image.Descriptor));
        var descriptor = ImageBuilder.Describe(MediaTypes.OciIndex, index);
        descriptor["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "example.com/demo:1" };
        return new ArchiveShape(
            "buildah",
            ArchiveBuilder.Layout([(descriptor, null)], images.SelectMany(image => image.Blobs).Prepend(index)),
            (images, ["example.com/demo:1"])
        );
    }

    /// <summary>
    /// The tarballs of go-containerregistry (kaniko, ko, crane): configuration under its digest, gzip layers under
    /// theirs, manifest.json last.
    /// </summary>
    private static ArchiveShape GoContainerRegistry(string program, params string[] repositories)
    {
        var image = Gzip(Image());
        var archive = new ArchiveBuilder().Add(image.Id.ToString(), image.Config);
        foreach (var blob in image.LayerBlobs)
        {
            archive.Add($"{Digest.Of(blob).Hex}.tar.gz", blob);
        }

        string[] names =
            repositories.Length == 0
                ? ["example.com/demo/app:1"]
                : [.. repositories.Select(repository => repository + ":latest")];
        archive.Add(
            "manifest.json",
            new JsonArray([
                .. (repositories.Length == 0 ? [names[0]] : names).Select(name =>
                    Entry(image.Id.ToString(), [name], image.LayerBlobs.Select(blob => $"{Digest.Of(blob).Hex}.tar.gz"))
                ),
            ])
        );
        return new ArchiveShape(program, archive, ([image], names));
    }

    /// <summary>crane pull --format=oci: no names at all.</summary>
    private static ArchiveShape CraneLayout()
    {
        var (one, two) = (Gzip(Image()), Gzip(Image("two")));
        return new ArchiveShape("crane layout", ArchiveBuilder.Oci((one, null), (two, null)), ([one], []), ([two], []));
    }

    /// <summary>jib buildTar: lower-case keys, config.json, gzip layers.</summary>
    private static ArchiveShape Jib()
    {
        var image = Gzip(Image());
        var archive = new ArchiveBuilder();
        for (var i = 0; i < image.LayerBlobs.Count; i++)
        {
            archive.Add($"{Digest.Of(image.LayerBlobs[i]).Hex}.tar.gz", image.LayerBlobs[i]);
        }

        var entry = new JsonObject
        {
            ["config"] = "config.json",
            ["repoTags"] = new JsonArray("demo:1"),
            ["layers"] = new JsonArray([.. image.LayerBlobs.Select(blob => (JsonNode)$"{Digest.Of(blob).Hex}.tar.gz")]),
        };
        return new ArchiveShape(
            "jib",
            archive.Add("config.json", image.Config).Add("manifest.json", new JsonArray(entry)),
            ([image], ["demo:1"])
        );
    }

    /// <summary>rules_docker's container_image: <c>./</c> before every name, folders for layers.</summary>
    private static ArchiveShape BazelRulesDocker()
    {
        var image = Image();
        return new ArchiveShape(
            "bazel rules_docker",
            ArchiveBuilder.Docker((image, ["bazel/demo:app"])).Prefixed("./").Add("./", ""),
            ([image], ["bazel/demo:app"])
        );
    }

    /// <summary>rules_oci's oci_load: manifest.json over blobs whose names have a suffix.</summary>
    private static ArchiveShape BazelRulesOci()
    {
        var image = Gzip(Image());
        var archive = new ArchiveBuilder().Add(
            "manifest.json",
            new JsonArray(
                Entry(
                    ArchiveBuilder.BlobPath(image.Config),
                    ["demo:1"],
                    image.LayerBlobs.Select(blob => ArchiveBuilder.BlobPath(blob) + ".tar.gz")
                )
            )
        );
        archive.AddBlob(image.Config);
        foreach (var blob in image.LayerBlobs)
        {
            archive.Add(ArchiveBuilder.BlobPath(blob) + ".tar.gz", blob);
        }

        return new ArchiveShape("bazel rules_oci", archive, ([image], ["demo:1"]));
    }

    private static ArchiveShape SkopeoOci(string name)
    {
        var image = Gzip(Image());
        return new ArchiveShape(
            $"skopeo oci {name}",
            RefNamed(image, name),
            ([image], name.Contains('/', StringComparison.Ordinal) ? [name] : [])
        );
    }

    private static ArchiveShape SkopeoLayoutOfSeveral()
    {
        var (one, two) = (Image(), Image("two"));
        var (first, second) = (one.Descriptor, two.Descriptor);
        first["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "example.com/one:1" };
        second["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "example.com/two" };
        return new ArchiveShape(
            "skopeo oci of several",
            ArchiveBuilder.Layout([(first, null), (second, null)], one.Blobs.Concat(two.Blobs)),
            ([one], ["example.com/one:1"]),
            ([two], ["example.com/two:latest"])
        );
    }

    /// <summary>
    /// The .NET SDK's Docker archive: layers first, named layer.tar and gzip inside, metadata last, no folders.
    /// </summary>
    private static ArchiveShape SdkDocker()
    {
        var image = Gzip(Image());
        var archive = new ArchiveBuilder();
        foreach (var blob in image.LayerBlobs)
        {
            archive.Add($"{Digest.Of(blob).Hex}/layer.tar", blob);
        }

        archive
            .Add($"{image.Id.Digest.Hex}.json", image.Config)
            .Add(
                "manifest.json",
                new JsonArray(
                    Entry(
                        $"{image.Id.Digest.Hex}.json",
                        ["demo/hello:1.0", "demo/hello:latest"],
                        image.LayerBlobs.Select(blob => $"{Digest.Of(blob).Hex}/layer.tar")
                    )
                )
            );
        return new ArchiveShape("SDK docker", archive, ([image], ["demo/hello:1.0", "demo/hello:latest"]));
    }

    /// <summary>
    /// The .NET SDK's OCI archive: a descriptor for each tag, with an empty platform; index.json and oci-layout last.
    /// </summary>
    private static ArchiveShape SdkOci()
    {
        var image = Gzip(Image());
        return new ArchiveShape(
            "SDK oci",
            Sdk(ImageBuilder.Describe(MediaTypes.OciManifest, image.Manifest), image.Blobs.Reverse()),
            ([image], ["demo/hello:1.0", "demo/hello:latest"])
        );
    }

    /// <summary>
    /// The .NET SDK for several runtimes: an index; the base layer they share stands there once for each.
    /// </summary>
    private static ArchiveShape SdkOfSeveralPlatforms()
    {
        var shared = Image().Tars[0];
        ImageBuilder[] images =
        [
            Gzip(new ImageBuilder().Layer(shared).Layer(("x64", ""))),
            Gzip(new ImageBuilder().Layer(shared).Layer(("arm64", ""))).For("linux", "arm64"),
        ];
        var index = ArchiveBuilder.IndexOf(images.Select(image => image.Descriptor));
        return new ArchiveShape(
            "SDK of several platforms",
            Sdk(
                ImageBuilder.Describe(MediaTypes.OciIndex, index),
                images.SelectMany(image => image.Blobs.Reverse()).Append(index)
            ),
            (images, ["demo/hello:1.0", "demo/hello:latest"])
        );
    }

    private static ArchiveBuilder Sdk(JsonObject target, IEnumerable<byte[]> blobs)
    {
        var archive = new ArchiveBuilder();
        foreach (var blob in blobs)
        {
            archive.Add(ArchiveBuilder.BlobPath(blob), blob);
        }

        var descriptors = new[] { "1.0", "latest" }.Select(tag =>
        {
            var descriptor = target.DeepClone().AsObject();
            descriptor["platform"] = new JsonObject();
            descriptor["annotations"] = new JsonObject
            {
                ["io.containerd.image.name"] = $"docker.io/demo/hello:{tag}",
                ["org.opencontainers.image.ref.name"] = tag,
            };
            return descriptor;
        });
        return archive
            .Add("index.json", ArchiveBuilder.IndexOf(descriptors))
            .Add("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    private static ArchiveShape NestedIndexes()
    {
        ImageBuilder[] images = [Image(), Image("arm").For("linux", "arm64")];
        var inner = ArchiveBuilder.IndexOf(images.Select(image => image.Descriptor));
        var middle = ArchiveBuilder.IndexOf([ImageBuilder.Describe(MediaTypes.OciIndex, inner), images[0].Descriptor]);
        var outer = ArchiveBuilder.IndexOf([ImageBuilder.Describe(MediaTypes.OciIndex, middle)]);
        return new ArchiveShape(
            "nested indexes",
            ArchiveBuilder.Layout(
                [(ImageBuilder.Describe(MediaTypes.OciIndex, outer), "docker.io/library/demo:1")],
                [outer, middle, inner, .. images.SelectMany(image => image.Blobs)]
            ),
            (images, ["demo:1"])
        );
    }

    /// <summary>An OCI layout packed with <c>tar -C layout .</c></summary>
    private static ArchiveShape DotSlash()
    {
        var image = Image();
        return new ArchiveShape(
            "tar of a layout",
            ArchiveBuilder.Oci((image, "docker.io/library/demo:1")).Add("blobs/", "").Prefixed("./").Add("./", ""),
            ([image], ["demo:1"])
        );
    }

    private static ArchiveShape ZstdLayers()
    {
        var image = Image().Compressed(CompressionKind.Zstd);
        return new ArchiveShape("zstd layers", ArchiveBuilder.Hybrid(image, "demo:1"), ([image], ["demo:1"]));
    }

    private static ArchiveShape NoLayers()
    {
        var image = new ImageBuilder();
        return new ArchiveShape("no layers", ArchiveBuilder.Hybrid(image, "demo:1"), ([image], ["demo:1"]));
    }

    private static ArchiveBuilder RefNamed(ImageBuilder image, string name)
    {
        var descriptor = image.Descriptor;
        descriptor["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = name };
        return ArchiveBuilder.Layout([(descriptor, null)], image.Blobs);
    }
}
