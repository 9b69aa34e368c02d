using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>Gives images names: the rules of moby client/image_tag.go and reference/store.go.</summary>
internal static class Tagging
{
    /// <summary>Gives an image a name, and takes the name from the image that has it.</summary>
    /// <returns>The other image that had the name, or null.</returns>
    /// <exception cref="ImageTarException">ITT3010: the image is gone.</exception>
    public static StoredImage? Tag(
        StoreContext store,
        ImageResolver resolver,
        StoredImage image,
        ImageReference name
    ) =>
        store.Change(
            index =>
            {
                if (!index.Has(image.Target.Digest))
                {
                    throw StoreDiagnostics.NoSuchImage(image.Id.ToString());
                }

                var owner = index.Owner(name);
                if (owner?.Digest == image.Target.Digest)
                {
                    return default;
                }

                var previous = owner is null
                    ? null
                    : new StoredImage(owner, index.NamesOf(owner.Digest), resolver.TryOpen(owner));
                var isSameImage = previous?.Image is { } other && other.Id == image.Id;
                return (
                    Changed: (StoreIndex?)index,
                    Taken: index.Take(image.Target, name, isSameImage) ? previous : null
                );
            },
            plan =>
            {
                // Before the name, because nothing may fail the verb after it.
                store.NoteUse(image.Target.Digest);
                if (plan.Changed is { } index)
                {
                    store.WriteIndex(index);
                }

                return plan.Taken;
            }
        );
}
